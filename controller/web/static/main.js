// Every page loads this; each part does nothing where its elements are absent.
import { listen } from "./live.js";
import { answerClicks } from "./act.js";
import { askOnce } from "./once.js";
import { tidyForms } from "./filling.js";
import { answerKeys } from "./keys.js";
import { keepTime } from "./clock.js";
import { takeTurns } from "./turns.js";
import { answerPreview } from "./preview.js";
import { answerCheck } from "./check.js";
import { answerPrint } from "./print.js";
import { foldMenus } from "./menus.js";

keepTime();
answerClicks();
askOnce();
tidyForms();
answerKeys();
takeTurns();
answerPreview();
answerCheck();
answerPrint();
listen();
foldMenus();
