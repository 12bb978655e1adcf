import { parsePolicy } from '../policy/policy'
import { inputsOf, makeViews, stagesOf, viewNames } from './stages'

const views = makeViews(parsePolicy({}), new Uint8Array(32))

describe('the stages', () => {
  it('are of the views that are named, in the order of the path, each made once', () => {
    const some = stagesOf(views, ['decide', 'actor'])
    expect(some.map(({ view }) => view.name)).toEqual(['actor', 'decide'])
    expect(some[0]!.view).toBe(views.actor)
    expect(stagesOf(views).map(({ view }) => view.name)).toEqual(viewNames)
  })

  it('read the logs of their views', () => {
    expect([...inputsOf(['account', 'decide'])]).toEqual(['accounts', 'clusters', 'findings'])
  })

  it('wait for views that call themselves as they are called there', () => {
    expect([views.account.source, views.network.source]).toEqual(['account/0', 'network/0'])
  })
})
