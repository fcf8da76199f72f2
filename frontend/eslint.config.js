import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/generated/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // a number in a template string is fine; anything else wants String()
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `noUncheckedIndexedAccess` makes `!` the plain way to say "this index exists"
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    // Chrome 87, Firefox 115 and Safari 14 lack these at run time; Vite only rewrites syntax.
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", { name: "structuredClone", message: "Chrome 98, Safari 15.4" }],
      "no-restricted-properties": [
        "error",
        { property: "at", message: "Chrome 92, Safari 15.4: use [length - 1]" },
        { property: "findLast", message: "Chrome 97, Safari 15.4" },
        { property: "findLastIndex", message: "Chrome 97, Safari 15.4" },
        { object: "Object", property: "hasOwn", message: "Chrome 93, Safari 15.4" },
        { property: "toSorted", message: "Chrome 110, Safari 16" },
        { property: "toReversed", message: "Chrome 110, Safari 16" },
        { object: "crypto", property: "randomUUID", message: "Chrome 92, Safari 15.4, and secure pages only" },
        { object: "AbortSignal", property: "timeout", message: "Chrome 103, Safari 16" },
      ],
    },
  },
  {
    files: ["**/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: ["vite.config.ts", "tests/**"],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-misused-spread": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/restrict-plus-operands": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
