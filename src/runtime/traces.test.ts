import { KeptTraces } from '../../test/support/kept-traces'
import { noTraces, spanOf } from './traces'

const options = { parent: 'a', attributes: { 'assay.log': 'events' } } as const

describe('a piece of work in a span', () => {
  it('gives what it gives, and its span ends when it has', async () => {
    const traces = new KeptTraces()
    const result = await spanOf(traces, 'append', options, ({ traceParent }) => {
      expect(traces.told).toBe('')
      return Promise.resolve(traces.nameOf(traceParent))
    })
    expect(result).toBe('append#1')
    expect(traces.told).toBe('append < a {log events}')
  })

  it('fails as it fails, and its span tells no more than that', async () => {
    const traces = new KeptTraces()
    const work = spanOf(traces, 'append', options, () => Promise.reject(new Error('no room for somebody')))
    await expect(work).rejects.toThrow('no room for somebody')
    expect(traces.told).toBe('append < a {log events} failed')
  })

  it('is done all the same where no traces are kept, and has nothing that goes along', async () => {
    expect(await spanOf(noTraces, 'append', options, (span) => Promise.resolve(span))).toMatchObject({
      traceParent: undefined,
    })
    await expect(spanOf(noTraces, 'append', options, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    )
    expect(noTraces.nowMs()).toBe(0)
  })
})
