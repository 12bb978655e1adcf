import { KeptTraces } from '../../test/support/kept-traces'
import type { Verdict } from '../model/records'
import { inVerdictSpans } from './verdict-spans'

const raised = {
  ...{ verdictId: 'v-1', revision: 1, offence: 'inflated-clicks', status: 'raised', mode: 'live' },
  ...{ recommendation: 'correct-count', detector: 'inflated-clicks', accountId: 'somebody' },
} as Verdict
const escalated = { ...raised, revision: 2, status: 'escalated', recommendation: 'warn' } as Verdict
const verdicts = [raised, escalated]

const told = (parent: string, verdict: Verdict, more = ''): string =>
  `publish verdict < ${parent} {${more}id v-1, revision ${verdict.revision}, offence inflated-clicks, ` +
  `status ${verdict.status}, recommendation ${verdict.recommendation}, mode live, detector inflated-clicks}`

it('puts each verdict out in a span of its own, which says nobody’s name and ends when all are out', async () => {
  const traces = new KeptTraces()
  await inVerdictSpans(traces, verdicts, { parents: ['a', 'b'] }, (traceParents) => {
    expect(traceParents.map((one) => traces.nameOf(one))).toEqual(['publish verdict#1', 'publish verdict#2'])
    expect(traces.told).toBe('')
    return Promise.resolve()
  })
  expect(traces.told).toBe([told('a', raised), told('b', escalated)].join('\n'))
})

it('says besides what it is told to, as where they are put', async () => {
  const traces = new KeptTraces()
  const where = { parents: ['a'], attributes: { 'assay.log': 'verdicts' } }
  await inVerdictSpans(traces, [raised], where, () => Promise.resolve())
  expect(traces.told).toBe(told('a', raised, 'log verdicts, '))
})

it('says of all that they failed when they could not be put out, which its caller is told', async () => {
  const traces = new KeptTraces()
  const put = (): Promise<never> => Promise.reject(new Error('no room'))
  await expect(inVerdictSpans(traces, verdicts, { parents: ['a', 'b'] }, put)).rejects.toThrow('no room')
  expect(traces.told.split('\n').map((line) => line.endsWith('} failed'))).toEqual([true, true])
})
