import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '**/*.mjs', '**/*.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Typed arrays give `number | undefined` under noUncheckedIndexedAccess; in hot loops the bound is the proof.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // A fold, a detector and a decision see no clock, no chance and no outside world: they replay to the same bytes.
    files: ['src/{model,ingest,windows,state,views,detectors,decide,policy}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Math',
          property: 'random',
          message: 'Chance breaks the replay; take a seeded source as an argument.',
        },
        {
          object: 'Date',
          property: 'now',
          message: 'The wall clock breaks the replay; take event time as an argument.',
        },
        { object: 'performance', property: 'now', message: 'The wall clock breaks the replay.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            '**/cli/**',
            '**/log/**',
            '**/store/**',
            '**/http/**',
            'node:fs',
            'node:net',
            'node:child_process',
          ],
        },
      ],
    },
  },
)
