import { parsePolicy } from '../policy/policy'
import { doesTheSame, inputsOf, makeStages, makeViews, planOf, stagesOf, statsOf, viewNames } from './stages'

const views = makeViews(parsePolicy({}), new Uint8Array(32))

describe('the stages', () => {
  it('are of the views that are named, in the order of the path, each made once', () => {
    const some = stagesOf(views, ['decide', 'actor'])
    expect(some.map(({ view }) => view.name)).toEqual(['actor', 'decide'])
    expect(some[0]!.view).toBe(views.actor)
    expect(stagesOf(views).map(({ view }) => view.name)).toEqual(viewNames)
  })

  it('read the logs of their views', () => {
    expect([...inputsOf(stagesOf(views, ['account', 'decide']))]).toEqual([
      'accounts',
      'clusters',
      'findings',
    ])
  })

  it('are made as planned, and those beside others tell no figures', () => {
    const plan = planOf(parsePolicy({ version: 'counts' }))
    const beside = { ...planOf(parsePolicy({ version: 'beside' })).at(-1)!, isBeside: true }
    const { stages, stats } = makeStages([...plan, beside], new Uint8Array(32))
    expect(stages.map(({ view }) => view.name)).toEqual([...viewNames, 'decide'])
    expect(Object.keys(stats())).toEqual(viewNames)
    expect(stats().decide!.policyVersion).toBe('counts')
  })

  it('wait for views that call themselves as they are called there', () => {
    expect([views.account.source, views.network.source]).toEqual(['account/0', 'network/0'])
  })

  it('tell the figures of the views that are named, and of no other', () => {
    const stats = statsOf(views, ['actor', 'decide'])
    expect(Object.keys(stats)).toEqual(['actor', 'decide'])
    expect(stats.decide).toEqual(views.decide.stats)
  })

  it.each([
    [{ epochMs: 20_000 }, ['crew', 'network']],
    [{ exemptCategories: ['news'] }, ['actor', 'crew', 'account']],
    [{ detectors: { 'inflated-clicks': { mode: 'shadow' } } }, ['actor', 'trace', 'crew']],
    [{ oneWrongIn: 77 }, ['actor', 'trace', 'crew', 'network', 'account']],
  ])('do the same under %j where their views do not see it, and never decide the same', (change, same) => {
    const [one, other] = [parsePolicy({}), parsePolicy(change)]
    expect(viewNames.filter((name) => doesTheSame(name, one, other))).toEqual(same)
  })
})
