// Lets mocha, which runs the tests of hundreds of mutants in one process, run the tests that are written for jest.
require('../support/typescript.js')
const { expect } = require('expect')
const fc = require('fast-check')
const each = require('jest-each').default
const { ModuleMocker } = require('jest-mock')
const { interfaces } = require('mocha')

// The same mutants are killed each time, and a failure is a failure: nobody wants the smallest.
// A change that one case in twenty does not show is not pinned by the law.
fc.configureGlobal({ seed: 1, numRuns: 20, endOnFailure: true })

const mocker = new ModuleMocker(globalThis)

const { bdd } = interfaces
interfaces.bdd = (suite) => {
  bdd(suite)
  suite.on('pre-require', (context) => {
    context.expect = expect
    context.beforeAll = context.before
    context.afterAll = context.after
    context.test = context.it
    const { describe, it } = context
    it.concurrent = it
    describe.each = (...table) => each.withGlobal(context)(...table).describe
    it.each = (...table) => each.withGlobal(context)(...table).it
    context.jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      restoreAllMocks: () => mocker.restoreAllMocks(),
      setTimeout: () => undefined,
    }
  })
}
