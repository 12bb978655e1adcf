/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/stack/shared.ts',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // Jest runs modules in a context whose globals are looked up by name at every use, which doubled the time of every
  // played stream. These are handed to each module as they are instead. Nothing that a fake clock replaces is here.
  sandboxInjectedGlobals: [
    ...['Array', 'Map', 'Math', 'Number', 'Object', 'Set'],
    ...['Float64Array', 'Int32Array', 'Uint8Array', 'Uint16Array', 'Uint32Array'],
  ],
  // A machine may be slow: what a test waits for, it waits for with a limit of its own.
  testTimeout: 120000,
  // Many tests wait for services, so that every core has room for one more.
  maxWorkers: '100%',
}
