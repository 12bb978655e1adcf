import type { Correction, Verdict } from '../../src/model/records'
import { BadCursorError } from '../../src/store/standing'
import type { Standing, StandingLog } from '../../src/store/standing'

/** A verdict of an account with inflated clicks, changed as a test needs it. */
export function verdictOf(changes: Partial<Verdict> = {}): Verdict {
  const accountId = changes.accountId ?? 'daily-bread'
  return {
    verdictId: 'v-1',
    revision: 1,
    status: 'raised',
    offence: 'inflated-clicks',
    subject: { type: 'account', id: accountId },
    accountId,
    role: 'operator',
    recommendation: 'warn',
    mode: 'live',
    score: 0.8,
    pValue: 1e-9,
    qValue: 1e-7,
    window: { start: 0, end: 3_600_000 },
    detectedAt: 3_600_000,
    counts: { raw: 100, authentic: 20, disputed: 80 },
    elements: [
      {
        element: 'false-traffic',
        test: 'share',
        observed: 0.8,
        expected: 0.1,
        pValue: 1e-9,
        sentence: 'Most came from few devices.',
      },
    ],
    evidence: { eventIds: ['e-1'], texts: [], positions: [] },
    exonerating: [],
    detector: 'inflated-clicks',
    detectorVersion: 1,
    policyVersion: 'default-1',
    statutes: [],
    expiresAt: 10_000_000,
    ...changes,
  }
}

/** A verdict about a cluster of accounts. */
export function clusterVerdictOf(
  members: readonly string[],
  changes: Partial<Verdict> & { size?: number } = {},
): Verdict {
  const { size = members.length, ...rest } = changes
  return verdictOf({
    verdictId: 'v-steered',
    offence: 'steered-accounts',
    subject: { type: 'cluster', id: 'c-1' },
    accountId: members[0]!,
    recommendation: 'limit',
    cluster: { id: 'c-1', size, members, history: [{ at: 1, change: 'born', size }] },
    ...rest,
  })
}

export function correctionOf(changes: Partial<Correction> = {}): Correction {
  return {
    accountId: 'daily-bread',
    contentId: 'sourdough',
    kind: 'click',
    hour: 3_600_000,
    raw: 100,
    authentic: 20,
    disputed: 80,
    low: 15,
    high: 25,
    verdictIds: ['v-1'],
    ...changes,
  }
}

export const lineOf = (record: unknown): Uint8Array => Buffer.from(JSON.stringify(record))

/** What every served copy promises, whatever holds it; `open` gives an empty one. */
export function standingPromises(open: () => Promise<Standing>): void {
  let standing: Standing
  beforeEach(async () => {
    standing = await open()
  })
  const apply = (log: StandingLog, from: number, ...records: unknown[]) =>
    standing.apply({ log, from, records: records.map(lineOf) })
  const page = { limit: 10 }

  it('knows nothing at first', async () => {
    expect(await standing.positionOf('verdicts')).toBe(0)
    expect(await standing.verdict('v-1')).toBeUndefined()
    expect(await standing.verdicts(page)).toEqual({ items: [], next: null })
    expect(await standing.verdictsOf('daily-bread', page)).toEqual({ items: [], next: null })
    expect(await standing.standingOf('daily-bread', 0)).toEqual({
      accountId: 'daily-bread',
      recommendation: null,
      until: null,
      verdicts: [],
    })
    expect(await standing.totalsOf('daily-bread')).toEqual({})
    expect(await standing.cluster('c-1')).toBeUndefined()
  })

  it('gives a verdict back as it was, and a summary of it where there are many', async () => {
    const verdict = verdictOf()
    expect(await apply('verdicts', 0, verdict)).toEqual({ kind: 'applied', next: 1, skipped: 0 })
    expect(await standing.verdict('v-1')).toEqual(verdict)
    expect((await standing.verdicts(page)).items).toEqual([
      expect.objectContaining({
        verdictId: 'v-1',
        position: 0,
        cluster: null,
        headline: '80 of 100 clicks are not by an audience: Most came from few devices.',
      }),
    ])
    expect((await standing.verdictsOf('daily-bread', page)).items[0]).toMatchObject({ concern: 'subject' })
  })

  it('holds the highest revision, in whatever order the revisions come', async () => {
    await apply('verdicts', 0, verdictOf({ revision: 2, status: 'escalated', recommendation: 'limit' }))
    await apply('verdicts', 1, verdictOf({ revision: 1 }))
    expect((await standing.verdict('v-1'))!.revision).toBe(2)
    expect((await standing.verdicts(page)).items.map(({ revision }) => revision)).toEqual([2])
    expect((await standing.standingOf('daily-bread', 0)).recommendation).toBe('limit')
  })

  it('keeps the revisions of a verdict in order, at most the twenty highest', async () => {
    expect(await standing.revisions('v-1')).toEqual([])
    await apply('verdicts', 0, verdictOf(), verdictOf({ revision: 3 }), verdictOf({ revision: 2 }))
    expect((await standing.revisions('v-1')).map(({ revision }) => revision)).toEqual([1, 3])
    const many = Array.from({ length: 30 }, (_, at) => verdictOf({ revision: at + 4 }))
    await apply('verdicts', 3, ...many)
    const kept = (await standing.revisions('v-1')).map(({ revision }) => revision)
    expect(kept).toEqual(Array.from({ length: 20 }, (_, at) => at + 14))
  })

  it('moves a verdict to the front when it is revised', async () => {
    await apply('verdicts', 0, verdictOf(), verdictOf({ verdictId: 'v-2' }), verdictOf({ revision: 2 }))
    const { items } = await standing.verdicts(page)
    expect(items.map(({ verdictId, position }) => [verdictId, position])).toEqual([
      ['v-1', 2],
      ['v-2', 1],
    ])
  })

  it('passes over a batch that it has served, and serves the rest of one that it has in part', async () => {
    await apply('verdicts', 0, verdictOf(), verdictOf({ verdictId: 'v-2' }))
    expect(await apply('verdicts', 0, verdictOf({ revision: 9 }))).toMatchObject({ kind: 'applied', next: 2 })
    expect((await standing.verdict('v-1'))!.revision).toBe(1)
    expect(
      await apply('verdicts', 1, verdictOf({ verdictId: 'v-2' }), verdictOf({ verdictId: 'v-3' })),
    ).toEqual({
      kind: 'applied',
      next: 3,
      skipped: 0,
    })
    expect((await standing.verdicts(page)).items.map(({ verdictId }) => verdictId)).toEqual([
      'v-3',
      'v-2',
      'v-1',
    ])
  })

  it('asks for what it misses instead of serving what comes after it', async () => {
    await apply('verdicts', 0, verdictOf())
    expect(await apply('verdicts', 5, verdictOf({ verdictId: 'v-2' }))).toEqual({ kind: 'behind', from: 1 })
    expect(await standing.verdict('v-2')).toBeUndefined()
    await standing.startFrom('verdicts', 5)
    expect(await apply('verdicts', 5, verdictOf({ verdictId: 'v-2' }))).toMatchObject({ next: 6 })
    await standing.startFrom('verdicts', 0)
    expect(await standing.positionOf('verdicts')).toBe(6)
    expect(await standing.positionOf('corrections')).toBe(0)
  })

  it('skips what is no record of its log, and says how many', async () => {
    const nonsense = [{}, null, [], 'text', { ...verdictOf(), accountId: 'x'.repeat(257) }]
    const lone = { ...verdictOf(), verdictId: '\ud800' }
    expect(await apply('verdicts', 0, ...nonsense, lone, verdictOf())).toEqual({
      kind: 'applied',
      next: 7,
      skipped: 6,
    })
    expect(await apply('corrections', 0, {}, correctionOf({ raw: 0.5 }), correctionOf())).toMatchObject({
      skipped: 2,
    })
    expect(standing.stats).toMatchObject({ applied: 2, skipped: 8 })
  })

  it.each(['{x}', 'a b\r\nFLUSHALL\r\n', '名:{1}|*', '__proto__', 'a'.repeat(128), "'; --"])(
    'keeps the id %j apart from every other',
    async (id) => {
      await apply('verdicts', 0, verdictOf({ accountId: id, verdictId: id }), verdictOf())
      await apply('corrections', 0, correctionOf({ accountId: id, contentId: id }), correctionOf())
      expect((await standing.verdict(id))!.verdictId).toBe(id)
      expect((await standing.verdictsOf(id, page)).items.map(({ verdictId }) => verdictId)).toEqual([id])
      expect((await standing.correctionsOf(id, { ...page, contentId: id })).items).toHaveLength(1)
      expect((await standing.correctionsOf('daily-bread', page)).items).toHaveLength(1)
    },
  )

  it('pages through the newest verdicts without a gap or a repeat', async () => {
    const ids = Array.from({ length: 25 }, (_, number) => `v-${number}`)
    await apply('verdicts', 0, ...ids.map((verdictId) => verdictOf({ verdictId })))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const { items, next } = await standing.verdicts({ limit: 10, cursor })
      seen.push(...items.map(({ verdictId }) => verdictId))
      cursor = next ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(ids.reverse())
    const first = await standing.verdictsOf('daily-bread', { limit: 20 })
    const second = await standing.verdictsOf('daily-bread', { limit: 20, cursor: first.next! })
    expect([...first.items, ...second.items].map(({ verdictId }) => verdictId)).toEqual(seen)
    expect(second.next).toBeNull()
  })

  it.each(['p', 'p-1', 'p1e3', 'q7', 'p9999999999999999', ' p1'])('refuses the cursor %j', async (cursor) => {
    await expect(standing.verdicts({ ...page, cursor })).rejects.toThrow(BadCursorError)
    await expect(standing.verdictsOf('daily-bread', { ...page, cursor })).rejects.toThrow(BadCursorError)
    await expect(standing.clusters({ ...page, cursor })).rejects.toThrow(BadCursorError)
  })

  it('finds the verdicts of an offence, a recommendation, a status and a mode', async () => {
    await apply(
      'verdicts',
      0,
      verdictOf({ verdictId: 'v-1' }),
      verdictOf({ verdictId: 'v-2', offence: 'inflated-forwards' }),
      verdictOf({ verdictId: 'v-3', recommendation: 'limit' }),
      verdictOf({ verdictId: 'v-4', status: 'cleared' }),
      verdictOf({ verdictId: 'v-5', mode: 'shadow' }),
    )
    const found = async (query: object) =>
      (await standing.verdicts({ ...page, ...query })).items.map(({ verdictId }) => verdictId)
    expect(await found({ offence: 'inflated-forwards' })).toEqual(['v-2'])
    expect(await found({ recommendation: 'limit' })).toEqual(['v-3'])
    expect(await found({ status: 'cleared' })).toEqual(['v-4'])
    expect(await found({ mode: 'shadow' })).toEqual(['v-5'])
    expect(await found({ mode: 'live', status: 'raised', recommendation: 'warn' })).toEqual(['v-2', 'v-1'])
  })

  it('tells what came after a position, oldest first, and of too many the newest', async () => {
    await apply('verdicts', 0, ...['a', 'b', 'c', 'd'].map((verdictId) => verdictOf({ verdictId })))
    const after = async (position: number, limit: number) =>
      (await standing.verdictsAfter(position, limit)).map(({ verdictId }) => verdictId)
    expect(await after(0, 10)).toEqual(['b', 'c', 'd'])
    expect(await after(-1, 2)).toEqual(['c', 'd'])
    expect(await after(3, 10)).toEqual([])
  })

  describe('the standing of an account', () => {
    it('is the gravest live recommendation in force, until the last verdict behind it expires', async () => {
      await apply(
        'verdicts',
        0,
        verdictOf({ verdictId: 'v-1', recommendation: 'warn', expiresAt: 9_000 }),
        verdictOf({ verdictId: 'v-2', recommendation: 'limit', expiresAt: 5_000 }),
        verdictOf({ verdictId: 'v-3', recommendation: 'limit', expiresAt: 4_000 }),
        verdictOf({ verdictId: 'v-4', recommendation: 'close', mode: 'shadow' }),
      )
      //   0 ──────── 4,000 v-3 ── 5,000 v-2 ─────── 9,000 v-1
      //   limit                   warn              nothing
      const at = async (nowMs: number) => {
        const { recommendation, until, verdicts } = await standing.standingOf('daily-bread', nowMs)
        return [recommendation, until, verdicts.map(({ verdictId }) => verdictId).join(' ')]
      }
      expect(await at(0)).toEqual(['limit', 5_000, 'v-3 v-2 v-1'])
      expect(await at(4_000)).toEqual(['limit', 5_000, 'v-2 v-1'])
      expect(await at(5_000)).toEqual(['warn', 9_000, 'v-1'])
      expect(await at(9_000)).toEqual([null, null, ''])
    })

    it.each(['cleared', 'overturned'] as const)('is given back when a verdict is %s', async (status) => {
      await apply('verdicts', 0, verdictOf(), verdictOf({ revision: 2, status }))
      expect((await standing.standingOf('daily-bread', 0)).recommendation).toBeNull()
      expect((await standing.verdictsOf('daily-bread', page)).items).toHaveLength(1)
    })

    it.each(['cleared', 'overturned'] as const)('is that of no cluster that was %s', async (status) => {
      await apply('verdicts', 0, clusterVerdictOf(['a', 'b', 'c']))
      expect(await standing.clustersOf('b')).toHaveLength(1)
      await apply('verdicts', 1, clusterVerdictOf(['a', 'b', 'c'], { revision: 2, status }))
      expect((await standing.standingOf('b', 0)).recommendation).toBeNull()
      expect(await standing.clustersOf('b')).toEqual([])
    })

    it('follows from a cluster that lists it', async () => {
      await apply('verdicts', 0, clusterVerdictOf(['a', 'b', 'c']))
      for (const id of ['a', 'b', 'c']) {
        expect((await standing.standingOf(id, 0)).recommendation).toBe('limit')
        expect((await standing.verdictsOf(id, page)).items[0]).toMatchObject({ concern: 'member' })
      }
    })

    it('does not follow from a verdict about somebody else', async () => {
      // A closed account that is back names both, and an actor's verdict the account whose numbers he moved.
      const back = clusterVerdictOf(['new', 'closed'], { subject: { type: 'account', id: 'new' } })
      const actor = verdictOf({
        verdictId: 'v-2',
        subject: { type: 'actor', id: 'reader-7' },
        accountId: 'moved',
      })
      await apply('verdicts', 0, back, actor)
      const recommended = async (id: string) => (await standing.standingOf(id, 0)).recommendation
      expect(await recommended('new')).toBe('limit')
      expect(await recommended('closed')).toBeNull()
      expect(await recommended('reader-7')).toBe('warn')
      expect(await recommended('moved')).toBeNull()
      expect((await standing.verdictsOf('moved', page)).items[0]).toMatchObject({ concern: 'account' })
    })

    it('ends when a later revision lets the account go, and lasts when the cluster is too large to be listed', async () => {
      await apply('verdicts', 0, clusterVerdictOf(['a', 'b']), clusterVerdictOf(['a', 'c'], { revision: 2 }))
      expect((await standing.standingOf('b', 0)).recommendation).toBeNull()
      expect((await standing.verdictsOf('b', page)).items).toEqual([])
      expect(await standing.clustersOf('b')).toEqual([])
      const large = { verdictId: 'v-large', size: 300 }
      await apply(
        'verdicts',
        2,
        clusterVerdictOf(['a', 'd'], large),
        clusterVerdictOf(['a', 'e'], { ...large, revision: 2, recommendation: 'suspend' }),
      )
      expect((await standing.standingOf('d', 0)).recommendation).toBe('suspend')
    })

    it('rests on the newest 200 verdicts of the account', async () => {
      const ids = Array.from({ length: 210 }, (_, number) => `v-${number}`)
      await apply('verdicts', 0, ...ids.map((verdictId) => verdictOf({ verdictId })))
      const { items } = await standing.verdictsOf('daily-bread', { limit: 300 })
      expect(items).toHaveLength(200)
      expect([items[0]!.verdictId, items.at(-1)!.verdictId]).toEqual(['v-209', 'v-10'])
    })
  })

  describe('corrections', () => {
    it('are the latest of each content and hour, and add up', async () => {
      await apply(
        'corrections',
        0,
        correctionOf(),
        correctionOf({ contentId: null, raw: 7, authentic: 7, disputed: 0 }),
      )
      await apply('corrections', 2, correctionOf({ raw: 200, authentic: 50, disputed: 150 }))
      await apply('corrections', 3, correctionOf({ kind: 'forward', raw: 3, authentic: 1, disputed: 2 }))
      expect(await standing.totalsOf('daily-bread')).toEqual({
        click: { raw: 207, authentic: 57, disputed: 150 },
        forward: { raw: 3, authentic: 1, disputed: 2 },
      })
      const { items } = await standing.correctionsOf('daily-bread', {
        ...page,
        contentId: 'sourdough',
        kind: 'click',
      })
      expect(items).toEqual([correctionOf({ raw: 200, authentic: 50, disputed: 150 })])
    })

    it('of which nothing is disputed any more, or nothing is left, are numbers like others', async () => {
      const none = { raw: 0, authentic: 0, disputed: 0, low: 0, high: 0 }
      const large = { raw: 4_000_000_000_000, authentic: 4_000_000_000_000, disputed: 0 }
      await apply('corrections', 0, correctionOf(none), correctionOf(none), correctionOf(large))
      await apply('corrections', 3, correctionOf({ ...large, hour: 0 }))
      const { raw, authentic, disputed } = large
      expect(await standing.totalsOf('daily-bread')).toEqual({
        click: { raw: 2 * raw, authentic: 2 * authentic, disputed },
      })
    })

    it('are found by kind, content and hours, newest hour first, page by page', async () => {
      const hours = Array.from({ length: 12 }, (_, hour) => hour * 3_600_000)
      await apply(
        'corrections',
        0,
        ...hours.map((hour) => correctionOf({ hour })),
        ...hours.map((hour) => correctionOf({ hour, kind: 'comment', contentId: null })),
      )
      const range = { kind: 'click' as const, fromMs: 3_600_000, toMs: 36_000_000 }
      const first = await standing.correctionsOf('daily-bread', { limit: 5, ...range })
      const second = await standing.correctionsOf('daily-bread', { limit: 5, ...range, cursor: first.next! })
      expect([...first.items, ...second.items].map(({ hour }) => hour / 3_600_000)).toEqual([
        9, 8, 7, 6, 5, 4, 3, 2, 1,
      ])
      expect(second.next).toBeNull()
      await expect(standing.correctionsOf('daily-bread', { limit: 5, cursor: 'k_' })).rejects.toThrow(
        BadCursorError,
      )
    })

    it('are kept for the newest 5,000 of an account, and the sums with them', async () => {
      const records = Array.from({ length: 5_003 }, (_, hour) =>
        lineOf(correctionOf({ hour: hour * 3_600_000 })),
      )
      await standing.apply({ log: 'corrections', from: 0, records })
      expect((await standing.totalsOf('daily-bread')).click).toEqual({
        raw: 500_000,
        authentic: 100_000,
        disputed: 400_000,
      })
      expect((await standing.correctionsOf('daily-bread', { limit: 1, toMs: 3 * 3_600_000 })).items).toEqual(
        [],
      )
    })
  })

  describe('clusters', () => {
    it('are as the latest verdict names them, with all the verdicts that do', async () => {
      await apply(
        'verdicts',
        0,
        clusterVerdictOf(['a', 'b']),
        clusterVerdictOf(['b', 'a', 'c'], { revision: 2, detectedAt: 7_200_000 }),
        clusterVerdictOf(['b', 'c'], { verdictId: 'v-copies', offence: 'batch-homogeneous-posting' }),
      )
      expect(await standing.cluster('c-1')).toEqual({
        id: 'c-1',
        size: 2,
        members: ['b', 'c'],
        history: [{ at: 1, change: 'born', size: 2 }],
        detectedAt: 3_600_000,
        verdictIds: ['v-copies', 'v-steered'],
      })
      expect((await standing.clustersOf('c')).map(({ id }) => id)).toEqual(['c-1'])
    })

    it('are listed newest first, page by page', async () => {
      const ids = ['c-1', 'c-2', 'c-3']
      const verdicts = ids.map((id) =>
        clusterVerdictOf(['a'], { verdictId: `v-${id}`, cluster: { id, size: 1, members: ['a'] } }),
      )
      await apply('verdicts', 0, ...verdicts)
      const first = await standing.clusters({ limit: 2 })
      const second = await standing.clusters({ limit: 2, cursor: first.next! })
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['c-3', 'c-2', 'c-1'])
      expect(first.items[0]).not.toHaveProperty('members')
      expect(second.next).toBeNull()
      expect((await standing.clustersOf('a')).map(({ id }) => id)).toEqual(['c-3', 'c-2', 'c-1'])
    })
  })
}
