import { controlTests } from '../model/control'
import type { ControlTest } from '../model/control'
import { controlSentences } from './control-sentences'

const tests = Object.keys(controlTests) as ControlTest[]

describe('what a test of control is told by', () => {
  it.each(tests)('says with numbers what %s found, and against what', (test) => {
    const found = controlSentences[test].found({ ...counted, test }, 4.5)
    // Events are counted among all of the window, which another sentence tells.
    const numbers = isOfEvents(test) ? ['11', '4.5'] : ['11', '29', '4.5']
    for (const number of numbers) expect(found).toContain(number)
  })

  it.each(tests)('says with numbers what %s did not find', (test) => {
    const { notFound } = controlSentences[test]
    const numbers = isOfEvents(test) ? ['11'] : ['11', '29']
    for (const number of numbers) expect(notFound({ ...counted, test })).toContain(number)
    expect(notFound({ ...counted, test, observed: 0 })).toMatch(
      isOfEvents(test) ? /^None of it came / : /\b0\b/,
    )
  })

  it.each(tests)('says what would overturn %s, or that somebody else could do it', (test) => {
    const { overturnedBy } = controlSentences[test]
    expect(overturnedBy).toMatch(
      controlTests[test] === 'own-hand' ? /^Overturned if / : /this alone shows nothing\.$/,
    )
  })
})

const counted = { observed: 11, outOf: 29, expected: 4.512, pValue: 0.01 }

function isOfEvents(test: ControlTest): boolean {
  return test === 'sister-devices' || test === 'operator-network'
}
