/** Prints vitest's JSON report as one plain line: "N passed, N failed[, N skipped]". */
import { existsSync, readFileSync } from "node:fs";

const [, , file] = process.argv;
if (!file || !existsSync(file)) {
  console.log("0 passed, 0 failed");
  process.exit(0);
}
const report = JSON.parse(readFileSync(file, "utf8"));
const skipped = report.numPendingTests + report.numTodoTests;
// A file that cannot be loaded has no tests of its own, and is a failure all the same.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
).length;
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : ""),
);
