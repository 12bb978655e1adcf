// @ts-check
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['@stryker-mutator/mocha-runner'],
  testRunner: 'mocha',
  mochaOptions: {
    'no-config': true,
    require: ['./test/mutation/jest-words.js'],
    spec: JSON.parse(process.env.ASSAY_MUTANTS_TESTS ?? '[]'),
  },
  // Each mutant is met only by the tests that ran its line.
  coverageAnalysis: 'perTest',
  // What runs once, when a module is loaded, is met by nothing: the modules are loaded once for all mutants.
  ignoreStatic: true,
  concurrency: 1,
  // A busy machine is not to be taken for an endless loop, which is mostly seen by the number of its turns.
  timeoutMS: 5000,
  timeoutFactor: 2,
  ignorePatterns: [
    '**',
    '!/src/**',
    '!/test/support/*',
    '!/test/mutation/*',
    '!/test/conformance/log.test.ts',
    '!/schemas/**',
    '!/*.json',
  ],
  tempDirName: 'coverage/mutants/sandbox',
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: process.env.ASSAY_MUTANTS_REPORT ?? 'coverage/mutants/report.json' },
  allowConsoleColors: false,
}
