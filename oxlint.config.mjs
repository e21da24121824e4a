/** What the linter refuses; `npm run check` runs it, with types. The rooms' order is in scripts/lint/rooms.mjs. */
const stream = (property) => ({
  property,
  message: "DuckDB's streams end early, and silently, when a query fails midway: rows are lost. Use run().",
});

export default {
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "react", "vitest", "promise"],
  jsPlugins: ["./scripts/lint/rooms.mjs"],
  categories: { correctness: "error" },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["dist", "node_modules", ".venv", ".cache", "demo", "coverage"],
  rules: {
    "house/rooms": "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/consistent-type-imports": "error",
    "eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    "vitest/valid-title": ["error", { ignoreTypeOfTestName: true }],
    // Right in general, wrong for what is done here on purpose: code points of a text, NUL checks, closures as methods.
    "typescript/no-misused-spread": "off",
    "typescript/unbound-method": "off",
    "typescript/no-base-to-string": "off",
    "eslint/no-control-regex": "off",
    "unicorn/no-new-array": "off",
    "unicorn/no-useless-spread": "off",
    // Rules of the React compiler, which is not used here.
    "react/immutability": "off",
    "react/purity": "off",
    // A test may put what it expects into functions of its own.
    "vitest/no-standalone-expect": "off",
    "vitest/no-conditional-expect": "off",
    "vitest/require-to-throw-message": "off",
    "vitest/expect-expect": ["error", { assertFunctionNames: ["expect*", "fc.assert"] }],
    // tsc says it better.
    "typescript/no-redundant-type-constituents": "off",
    "eslint/no-restricted-properties": [
      "error",
      ...["stream", "streamAndRead", "streamAndReadAll", "streamAndReadUntil", "startStream"].map(stream),
    ],
  },
  overrides: [
    {
      files: ["*.config.ts", "*.config.mjs", "**/*.config.ts", "scripts/lint/rooms.mjs"],
      rules: { "import/no-default-export": "off" },
    },
  ],
};
