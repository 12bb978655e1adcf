import { SchemaRegistryClient } from '@confluentinc/schemaregistry/dist/schemaregistry-client'
import { ownSchemas } from '../../src/cli/schemas'
import { assay } from '../support/cli'
import { shared } from '../support/stack/shared'

/** `assay schemas` against a registry, in the order in which somebody would set one up. */

jest.setTimeout(120_000)

const clicks = 'engagement.click-value'

let url: string
beforeAll(async () => {
  ;({ url } = await shared('registry'))
})

interface Row {
  readonly subject: string
  readonly version: number | null
  readonly id: number | null
  readonly compatibility: string | null
  readonly state: string
  readonly remark: string | null
}

async function schemas(action: string): Promise<{ code: number | null; rows: Row[] }> {
  const { code, stdout, stderr } = await assay(['schemas', action, '--json', '--registry', url])
  expect(stderr).toBe('')
  const rows = stdout.split('\n').filter(Boolean)
  return { code, rows: rows.map((row) => JSON.parse(row) as Row) }
}

function rowOf(rows: readonly Row[], subject: string): Row | undefined {
  return rows.find((row) => row.subject === subject)
}

/** As somebody without this command would do it. */
async function ask(method: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
}

it('checks an empty registry: nothing stands against registering', async () => {
  const { code, rows } = await schemas('check')
  expect(code).toBe(0)
  expect(rows.map(({ subject, state }) => [subject, state])).toEqual(
    ownSchemas().map(({ subject }) => [subject, 'not registered']),
  )
  expect(rowOf(rows, clicks)).toBeDefined()
})

it('registers what is not there, once, and sets the level', async () => {
  const first = await schemas('register')
  expect(first.code).toBe(0)
  expect(new Set(first.rows.map(({ state }) => state))).toEqual(new Set(['registered']))
  const again = await schemas('register')
  expect(again.rows.map(({ id, version, state }) => [id, version, state])).toEqual(
    first.rows.map(({ id }) => [id, 1, 'same']),
  )
  const { code, rows } = await schemas('check')
  expect(code).toBe(0)
  expect(new Set(rows.map(({ state, compatibility }) => `${state} ${compatibility!}`))).toEqual(
    new Set(['same BACKWARD']),
  )
})

it('what was registered is what producers get', async () => {
  const { id } = rowOf((await schemas('list')).rows, clicks)!
  const found = await new SchemaRegistryClient({ baseURLs: [url] }).getBySubjectAndId(clicks, id!)
  expect(JSON.parse(found.schema)).toEqual(
    JSON.parse(ownSchemas().find(({ subject }) => subject === clicks)!.text),
  )
})

it('a stricter level stays; where there is none, the check fails, and registering sets it', async () => {
  await ask('PUT', `/config/${clicks}`, { compatibility: 'FULL_TRANSITIVE' })
  await ask('PUT', '/config/engagement.post-value', { compatibility: 'NONE' })
  const { code, rows } = await schemas('check')
  expect(code).toBe(3)
  expect(rows.filter(({ state }) => state !== 'same')).toMatchObject([
    { subject: 'engagement.post-value', state: 'unprotected', compatibility: 'NONE' },
  ])
  await schemas('register')
  const levels = (await schemas('list')).rows
  expect(rowOf(levels, clicks)).toMatchObject({ compatibility: 'FULL_TRANSITIVE' })
  expect(rowOf(levels, 'engagement.post-value')).toMatchObject({ compatibility: 'BACKWARD' })
})

it('finds an incompatible schema, also where the registry lets everything through, and does not register over it', async () => {
  // Somebody registers clicks without the account.
  const click = JSON.parse(ownSchemas().find(({ subject }) => subject === clicks)!.text) as {
    fields: { name: string }[]
  }
  const fields = click.fields.filter(({ name }) => name !== 'accountId')
  await ask('PUT', `/config/${clicks}`, { compatibility: 'NONE' })
  await ask('POST', `/subjects/${clicks}/versions`, { schema: JSON.stringify({ ...click, fields }) })

  const checked = await schemas('check')
  expect(checked.code).toBe(3)
  expect(rowOf(checked.rows, clicks)).toMatchObject({ version: 2, state: 'incompatible' })
  expect(rowOf(checked.rows, clicks)!.remark).toMatch(/accountId/)

  const registered = await schemas('register')
  expect(registered.code).toBe(3)
  expect(rowOf(registered.rows, clicks)).toMatchObject({ version: 2, state: 'incompatible' })
})

it('shows a person a table', async () => {
  const { stdout } = await assay(['schemas', 'list', '--registry', url])
  expect(stdout).toMatch(/^subject +version +id +compatibility\n/)
  expect(stdout).toMatch(/^engagement\.post-value +1 +\d+ +BACKWARD$/m)
})

it.each([
  ['no registry is named', ['list'], 78, 'registry.url (ASSAY_REGISTRY_URL)'],
  [
    'it does not answer',
    ['list', '--registry', 'http://127.0.0.1:1'],
    69,
    'cannot be reached (ECONNREFUSED)',
  ],
  ['it is no address', ['check', '--registry', 'registry:8081'], 2, '--registry should be'],
  ['the settings are missing', ['check', '--settings', '/nowhere/assay.json'], 69, 'cannot be read (ENOENT)'],
  ['the action is none', ['mend'], 2, "unknown command 'mend'"],
])('ends with the code of the contract when %s', async (_what, args, code, says) => {
  const ended = await assay(['schemas', ...args])
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toContain(says)
})
