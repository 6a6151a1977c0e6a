import js from "@eslint/js";
import tseslint from "typescript-eslint";

const hostGlobals = ["navigator", "window", "document", "location"].map((name) => ({
  name,
  message: "Hosts differ: only src/platform may know this global.",
}));

const fakedGlobals = [
  { name: "queueMicrotask", message: "Fake timers take it too: use atEndOfTick()." },
];

const reachIns = {
  selector: "MemberExpression[computed=true] > Literal.property[value=/^_/]",
  message: "Reach for no private field; use a public method.",
};

const members = ":matches(PropertyDefinition, MethodDefinition)";

const houseRules = [
  reachIns,
  {
    selector: "PrivateName, PrivateIdentifier",
    message: "Private is `private _x`: bundlers with older targets compile #x to WeakMaps.",
  },
  {
    selector: `${members}[accessibility!='private'][key.name=/^_/]:not([key.name='_close'])`,
    message: "Only private members begin with an underscore: builds rename them.",
  },
  {
    selector: `${members}[accessibility='private']:not([key.name=/^_/])`,
    message: "A private member begins with an underscore, so that builds rename it.",
  },
  {
    selector: "ExportAllDeclaration",
    message: "Export explicit names: an entry is a manifest.",
  },
  {
    selector: "Program > ExpressionStatement:not([directive])",
    message: "Importing a module has no side effect.",
  },
];

const focus = {
  selector:
    "MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo)$/]",
  message: "A test that does not run, or hides the others, proves nothing.",
};

const named = (args) => ({ args, argsIgnorePattern: "^_", varsIgnorePattern: "^_" });

export default tseslint.config(
  { ignores: ["dist/", "site/", "coverage/", "test/**/fixtures/", "**/.next*/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommended],
    rules: {
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-ignore": true, "ts-nocheck": true, "ts-expect-error": "allow-with-description" },
      ],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", named("after-used")],
      "no-restricted-syntax": ["error", reachIns],
      "no-undef": "off",
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: ["src/**/*.ts"],
    extends: [tseslint.configs.recommendedTypeCheckedOnly],
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./tsconfig.node.json"] },
    },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-base-to-string": "off",
      // At odds with prefer-promise-reject-errors: a reason that is asserted to be an Error.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      // Promise.all over values that are there and values to come is what it is for.
      "@typescript-eslint/await-thenable": "off",
      "no-restricted-syntax": ["error", ...houseRules],
      "no-restricted-globals": ["error", ...hostGlobals, ...fakedGlobals],
      "no-console": "error",
      // One array of arguments is handed on as it is, without a copy.
      "prefer-spread": "off",
      "max-lines": ["warn", { max: 350 }],
    },
  },
  {
    files: ["src/platform/**/*.ts", "src/server/**/*.ts"],
    rules: { "no-restricted-globals": ["error", ...fakedGlobals] },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", reachIns, focus],
      "@typescript-eslint/no-explicit-any": "off",
    },
  },
  {
    files: ["test/types/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", named("after-used")],
      "no-restricted-syntax": ["error", focus],
    },
  },
);
