/** Prints the test runs whose JSON reports stand in a folder as one plain line: "N passed, N failed[, N skipped]". */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [, , folder = ""] = process.argv;
const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.json$/.test(name)) : [];
let [passed, failed, skipped] = [0, 0, 0];
for (const file of files) {
  const report = JSON.parse(readFileSync(join(folder, file), "utf8"));
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that cannot be loaded has no tests of its own, and is a failure all the same.
  failed += report.numFailedTests + report.testResults.filter(isBroken).length;
}
console.log(`${passed} passed, ${failed} failed` + (skipped > 0 ? `, ${skipped} skipped` : ""));

function isBroken({ status, assertionResults }) {
  return status === "failed" && assertionResults.length === 0;
}
