import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
for (const problem of diagnostics) console.log(problem.severity, problem.code, problem.message, problem.path.join("."));
const errors = diagnostics.filter((problem) => problem.severity === 0);
console.log(`${errors.length} errors`);
process.exit(document && errors.length === 0 ? 0 : 1);
