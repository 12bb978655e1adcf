// Lets mocha, which runs the tests of hundreds of mutants in one process, run the tests that are written for jest.
require('../support/typescript.js')
const { expect } = require('expect')
const fast = require('fast-check')
const each = require('jest-each').default
const { ModuleMocker } = require('jest-mock')
const { interfaces } = require('mocha')

const fc = fast.default
const mostRuns = 20
// The same mutants are killed each time, and a failure is a failure: nobody wants the smallest.
// A change that one case in twenty does not show is not pinned by the law.
fc.configureGlobal({ seed: 1, numRuns: mostRuns, endOnFailure: true })
// Those that ask for hundreds, too: they would take seconds for each change.
const few = (options) => ({ ...options, numRuns: Math.min(mostRuns, options?.numRuns ?? mostRuns) })
fast.default = Object.create(fc, { assert: { value: (law, options) => fc.assert(law, few(options)) } })

// These take seconds where each line counts its turns; what they state of a line is stated by quicker ones beside them.
const tooSlow = [
  'KeyBursts finds 3000 events in every tick usual, from the first to the last of a tick',
  'KeyBursts does not learn the level of an attacker, however long he keeps it up',
  'Baseline keeps its promise on traffic of many kinds: what it gives 1 in 1000 is not more frequent',
  'Baseline cannot be taught a burst by a slow drip',
  'a log in file with tiny segments lets readers read while it is appended to; what they see is always whole',
]

// Another process runs the code as it is: what it does tells nothing of a change, and to start it takes a second.
let running
const child = require.resolve('../support/child')
const childWords = require(child)
require.cache[child].exports = { ...childWords, commandOf: () => running.skip() }

const mocker = new ModuleMocker(globalThis)

const { bdd } = interfaces
interfaces.bdd = (suite) => {
  bdd(suite)
  suite.on('pre-require', (context) => {
    context.expect = expect
    context.beforeEach(function () {
      running = this.currentTest
      if (tooSlow.includes(running.fullTitle())) this.skip()
    })
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
