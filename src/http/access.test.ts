import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flow, smallStanding, startServed, tiesOf, urlOf } from '../../test/support/served'
import { temporaryFolders } from '../../test/support/temporary'
import { accessRoles } from '../model/access'
import type { AccessRole } from '../model/access'
import type { Feedback } from '../model/records'
import { loadSettings } from '../settings/load-settings'
import { usualLimits } from './limits'
import type { HttpOptions, HttpServer } from './server'
import { newToken } from './token-file'
import type { TokenEntry } from './token-file'

const newFolder = temporaryFolders()
const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const far = '2999-01-01T00:00:00.000Z'
const made = {
  viewer: newToken({ name: 'wall', role: 'viewer', expiresAt: far }),
  analyst: newToken({ name: 'ada', role: 'analyst', expiresAt: far }),
  operator: newToken({ name: 'ops', role: 'operator', expiresAt: far }),
  ended: newToken({ name: 'old', role: 'operator', expiresAt: '2001-01-01T00:00:00.000Z' }),
}

function writeTokens(file: string, entries: readonly TokenEntry[]): void {
  writeFileSync(file, JSON.stringify({ tokens: entries }))
}

function tokenFile(): string {
  const file = join(newFolder(), 'tokens.json')
  writeTokens(
    file,
    Object.values(made).map(({ entry }) => entry),
  )
  return file
}

async function serve(changes: Partial<HttpOptions> = {}): Promise<{ base: string; said: Feedback[] }> {
  const said: Feedback[] = []
  const server = await startServed({
    standing: await smallStanding(),
    limits: { refusalsPerSecond: 1_000 },
    feedback: (one) => Promise.resolve(void said.push(one)),
    ties: tiesOf,
    flow: () => flow,
    ...changes,
  })
  servers.push(server)
  return { base: urlOf(server), said }
}

async function ask(url: string, token?: string, init: RequestInit = {}) {
  const stopping = new AbortController()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, {
    ...init,
    headers: { ...(init.body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    signal: stopping.signal,
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? '' : await response.text()
  stopping.abort()
  const code = /"code":"([^"]+)"/.exec(text)?.[1]
  return { status: response.status, outcome: code ?? response.status }
}

const feedback = { verdictId: 'v-1', decision: 'confirmed' }
/** Every address, and the least role that opens it with a file of tokens. */
const addresses: readonly (readonly [path: string, least: AccessRole | 'open', body?: object])[] = [
  ['/livez', 'open'],
  ['/readyz', 'open'],
  ['/metrics', 'open'],
  ['/openapi.json', 'open'],
  ['/api/v1/verdicts', 'viewer'],
  ['/api/v1/events', 'viewer'],
  ['/api/v1/flow', 'viewer'],
  ['/api/v1/clusters', 'viewer'],
  ['/api/v1/accounts/daily-bread', 'viewer'],
  ['/api/v1/accounts/daily-bread/verdicts', 'viewer'],
  ['/api/v1/accounts/daily-bread/corrections', 'viewer'],
  ['/api/v1/verdicts/v-1', 'analyst'],
  ['/api/v1/verdicts/v-1/explanation', 'analyst'],
  ['/api/v1/clusters/c-1', 'analyst'],
  ['/api/v1/clusters/c-1/history', 'analyst'],
  ['/api/v1/clusters/c-1/ties', 'analyst'],
  ['/api/v1/why-not/daily-bread', 'analyst'],
  ['/api/v1/feedback', 'analyst', feedback],
  ['/api/v1/policy', 'operator'],
  ['/api/v1/policy/backtests', 'operator'],
  ['/api/v1/policy/comparison', 'operator', { version: 'x-1' }],
]
const init = (body: object | undefined): RequestInit =>
  body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }

describe('with a file of tokens', () => {
  it('each role opens what is meant for it and nothing beyond, and without a token only what watches it is open', async () => {
    const { base } = await serve({ tokenFile: tokenFile() })
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { security?: [{ token: string[] }] }>>
    }
    const asked = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.values(operations).map(({ security }) => `${path} ${security?.[0].token[0] ?? 'open'}`),
    )
    const known = addresses.map(([path, least]) => `${path} ${least}`)
    const filled = asked.map((one) =>
      one.replace('{accountId}', 'daily-bread').replace(/\{(\w)\w+Id\}/, '$1-1'),
    )
    expect(filled.sort()).toEqual([...known].sort())

    for (const [path, least, body] of addresses) {
      const stranger = await ask(base + path, undefined, init(body))
      expect([path, stranger.outcome === 'token-missing']).toEqual([path, least !== 'open'])
      for (const role of accessRoles) {
        const { outcome } = await ask(base + path, made[role].token, init(body))
        const isOpen = least === 'open' || accessRoles.indexOf(role) >= accessRoles.indexOf(least)
        expect([path, role, outcome === 'role-too-low']).toEqual([path, role, !isOpen])
        if (isOpen) expect([path, role, outcome]).not.toContain('token-unknown')
      }
      if (body === undefined && path !== '/api/v1/events') {
        const { status } = await ask(base + path, undefined, { method: 'HEAD' })
        expect([path, status === 401]).toEqual([path, least !== 'open'])
      }
    }
  })

  it.each([
    [
      'a secret of another token',
      made.ended.token.slice(0, 15) + made.viewer.token.slice(15),
      'token-unknown',
    ],
    ['the id of a token alone', `assay_${made.operator.entry.id}_${'A'.repeat(43)}`, 'token-unknown'],
    ['the hash of a token', made.operator.entry.hash, 'token-unknown'],
    [
      'a token that nobody made',
      newToken({ name: 'x', role: 'operator', expiresAt: far }).token,
      'token-unknown',
    ],
    ['a token that has ended', made.ended.token, 'token-expired'],
    ['something that is no token', 'a b', 'token-missing'],
  ])('%s opens nothing', async (_what, token, code) => {
    const { base } = await serve({ tokenFile: tokenFile(), readWithoutToken: 'operator' })
    expect((await ask(`${base}/api/v1/policy`, token)).outcome).toBe(code)
  })

  it('a revoked token opens nothing from then on, and neither does any while the file does not hold', async () => {
    const file = tokenFile()
    const { base } = await serve({ tokenFile: file })
    const flowOf = (token: string) => ask(`${base}/api/v1/flow`, token)
    expect((await flowOf(made.viewer.token)).outcome).toBe(200)
    writeTokens(file, [made.analyst.entry])
    expect((await flowOf(made.viewer.token)).outcome).toBe('token-unknown')
    expect((await flowOf(made.analyst.token)).outcome).toBe(200)
    writeFileSync(file, '{"tokens": [')
    expect((await flowOf(made.analyst.token)).outcome).toBe('tokens-unreadable')
    rmSync(file)
    expect((await flowOf(made.analyst.token)).outcome).toBe('tokens-unreadable')
    writeTokens(file, [made.analyst.entry])
    expect((await flowOf(made.analyst.token)).outcome).toBe(200)
  })

  it('a token rules in its own name, and only an operator for others', async () => {
    const { base, said } = await serve({ tokenFile: tokenFile() })
    const rule = (role: AccessRole, actorId?: string) =>
      ask(`${base}/api/v1/feedback`, made[role].token, init({ ...feedback, actorId }))
    expect((await rule('viewer', 'ada')).outcome).toBe('role-too-low')
    expect((await rule('analyst')).outcome).toBe(202)
    expect((await rule('analyst', 'ada')).outcome).toBe(202)
    expect((await rule('analyst', 'bob')).outcome).toBe('wrong-reviewer')
    expect((await rule('operator', 'bob')).outcome).toBe(202)
    expect(said.map(({ actorId }) => actorId)).toEqual(['ada', 'ada', 'bob'])
  })

  it('what may be read without one is set, and changing never is', async () => {
    const { base } = await serve({ tokenFile: tokenFile(), readWithoutToken: 'viewer' })
    expect((await ask(`${base}/api/v1/verdicts`)).outcome).toBe(200)
    expect((await ask(`${base}/api/v1/verdicts/v-1`)).outcome).toBe('token-missing')
    expect((await ask(`${base}/api/v1/feedback`, undefined, init(feedback))).outcome).toBe('token-missing')
  })

  it('does not start over a file that is not there or does not hold, and never shows what is in it', async () => {
    const file = join(newFolder(), 'tokens.json')
    await expect(serve({ tokenFile: file })).rejects.toThrow(
      /cannot be read \(ENOENT\); "assay tokens create"/,
    )
    writeTokens(file, [{ ...made.viewer.entry, hash: 'a-secret-in-the-wrong-place' }])
    await expect(serve({ tokenFile: file })).rejects.toThrow(/do not hold: tokens.0.hash/)
    await expect(serve({ tokenFile: file })).rejects.not.toThrow(/a-secret/)
  })
})

it('a token of before, known by its hash alone, goes on and may do everything, in any name', async () => {
  const tokens = [createHash('sha256').update('of-before').digest('hex')]
  const { base, said } = await serve({ tokens })
  expect((await ask(`${base}/api/v1/policy`, 'of-before')).outcome).toBe(200)
  expect((await ask(`${base}/api/v1/feedback`, 'of-before', init(feedback))).outcome).toBe('bad-id')
  const named = init({ ...feedback, actorId: 'reviewer-7' })
  expect((await ask(`${base}/api/v1/feedback`, 'of-before', named)).outcome).toBe(202)
  expect(said.map(({ actorId }) => actorId)).toEqual(['reviewer-7'])
})

it('the limits of a service are those of the server unless they are set', () => {
  const { http } = loadSettings(undefined, {}, [])
  expect(usualLimits).toMatchObject({
    requestsPerSecond: http.requestsPerSecond,
    connectionsPerAddress: http.connectionsPerAddress,
    listenersPerCaller: http.listenersPerCaller,
  })
})
