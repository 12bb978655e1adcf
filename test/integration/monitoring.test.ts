import { kafkaClient } from '../support/kafka'
import { Monitored } from '../support/monitored'
import { dashboardQueries, ruleGroups } from '../support/monitoring'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { tryUntil } from '../support/waiting'

// The first run on a machine fetches the services.
jest.setTimeout(600_000)

const newFolder = temporaryFolders()
let monitored: Monitored

beforeAll(async () => {
  const [{ bootstrap }, { url: redis }] = await Promise.all([shared('kafka'), shared('redis')])
  monitored = await Monitored.start({
    ...{ bootstrap, client: await kafkaClient(bootstrap), redis },
    ...{ folder: newFolder(), rulesTimes: 5, sendsTimes: 15 },
  })
})
afterAll(() => monitored.stop())

it('shows data in every panel, and computes every rule without an error', async () => {
  // Trouble that is not there has no series.
  const ofTrouble = ['Alerts']
  const queries = dashboardQueries()
    .filter(({ panel }) => !ofTrouble.includes(panel))
    .map((query) => ({
      ...query,
      expr: query.expr.replaceAll('$job', 'assay').replaceAll('$instance', '.*'),
    }))
  expect(queries.length).toBeGreaterThan(40)
  await tryUntil(async () => {
    const empty: string[] = []
    for (const { dashboard, panel, expr } of queries) {
      if ((await monitored.valuesOf(expr)).length === 0) empty.push(`${dashboard}, ${panel}: ${expr}`)
    }
    expect(empty).toEqual([])
  }, 180_000)
  const { groups } = await monitored.ask<{
    groups: { rules: { name: string; health: string; lastError?: string }[] }[]
  }>('rules')
  const rules = groups.flatMap((group) => group.rules)
  expect(rules).toHaveLength(ruleGroups().flatMap((group) => group.rules).length)
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
  // All is well, so that nobody is woken.
  expect(await monitored.firing()).toEqual([])
  expect(monitored.told).toEqual([])
})
