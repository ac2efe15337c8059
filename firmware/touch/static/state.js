// What one visit at the screen knows. `fresh` is how it begins for everybody.

export const state = { setup: null, screen: null, lost: true, ahead: 0 };

export function fresh() {
  Object.assign(state, {
    view: "idle", lang: state.setup.languages[0], access: false, priority: false, several: false, chosen: [], page: 0, digits: "",
    doing: null, outcome: null, ends: 0, helped: null, shut: state.shut ?? "", still: 0,
  });
}

export const hallNow = () => Date.now() + state.ahead;

export const card = (service) => state.screen?.cards.find((one) => one.service === service);
