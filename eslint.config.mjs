import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

/** Words with a more precise replacement nearly everywhere. All comments together may have 40 (`--max-warnings` of `npm run lint`). */
const VAGUE_WORDS = [
  ...[
    'ask',
    'asks',
    'asked',
    'give',
    'gives',
    'given',
    'gave',
    'hold',
    'holds',
    'held',
    'stand',
    'stands',
    'stood',
  ],
  ...['take', 'takes', 'taken', 'took', 'tell', 'tells', 'told', 'lead', 'leads', 'led', 'way', 'ways'],
  ...['nobody', 'somebody', 'whoever', 'whom'],
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  eslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { 'no-warning-comments': ['warn', { terms: VAGUE_WORDS, location: 'anywhere' }] },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.json',
          './apps/server/src/web/browser/tsconfig.json',
          './apps/verifier/src/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Nest modules are classes with only a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Nest's options are classes, but its documentation uses literals for them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.spec.tsx', 'test/**/*.ts', 'test/**/*.tsx'],
    rules: {
      // A describe block is a list of cases.
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Its types are those of a client that only its test generates and compiles.
    files: ['test/generated-client/life.ts'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  prettier,
);
