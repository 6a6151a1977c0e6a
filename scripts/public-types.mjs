import ts from "typescript";

const HIDDEN = new Set([ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]);

/**
 * Leaves private and protected members out of declarations. With them a class is compatible with itself alone: not with
 * what Vue's `ref` and Immer's `Draft` make of its type, and not with the other form of the package (`import` and
 * `require` in one program).
 *
 * @returns {import("rollup").OutputPlugin}
 */
export function publicTypes() {
  return { name: "public-types", renderChunk: (code) => withoutHidden(code) };
}

/** @param {string} code declarations */
function withoutHidden(code) {
  const source = ts.createSourceFile("index.d.ts", code, ts.ScriptTarget.ES2022);
  const hidden = source.statements
    .filter(ts.isClassDeclaration)
    .flatMap(({ members }) => [...members])
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => HIDDEN.has(kind)));
  // from the last one: what comes before keeps its place
  return hidden.reduceRight((text, { pos, end }) => text.slice(0, pos) + text.slice(end), code);
}
