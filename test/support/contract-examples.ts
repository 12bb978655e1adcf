import type * as records from '../../src/model/records'

/** One record of each schema with every field filled; the types hold the examples to the generated interfaces. */
export function fullExamples() {
  const common = {
    eventId: 'e-1',
    occurredAt: 1_740_816_000_000,
    actorId: 'reader-7',
    accountId: 'daily-bread',
    contentId: 'sourdough',
    deviceId: 'd-3',
    sessionId: 's-9',
    userAgent: 'Mozilla/5.0 (Linux; Android 14)',
    region: 'CN-44',
    address: '2001:db8::7',
    actorCreatedAt: 1_640_995_200_000,
  }
  const subscription: Required<records.Subscription> = {
    ...common,
    kind: 'subscription',
    action: 'subscribe',
    source: 'qr-code',
  }
  const click: Required<records.Click> = { ...common, kind: 'click', dwellMs: 41_000, referrer: 'feed' }
  const forward: Required<records.Forward> = {
    ...common,
    kind: 'forward',
    channel: 'group',
    text: '一定要看 👀',
  }
  const comment: Required<records.Comment> = {
    ...common,
    kind: 'comment',
    text: '写得真好',
    commentId: 'c-2',
    parentId: 'c-1',
  }
  const post: Required<records.Post> = {
    ...common,
    kind: 'post',
    text: 'Flour, water, salt and time.',
    title: 'Sourdough',
    links: ['https://example.org/flour'],
    tags: ['baking', '面包'],
    mediaHashes: ['9f86d081'],
    original: true,
  }
  const impression: Required<records.Impression> = { ...common, kind: 'impression', count: 1200 }
  const account: Required<records.Account> = {
    ...common,
    kind: 'account',
    activity: 'renamed',
    subjectId: 'a665a459',
    category: 'food',
    grade: 'verified',
    name: 'Daily Bread',
    declaredNetwork: 'bakers-union',
  }
  const feedback: Required<records.Feedback> = {
    ...common,
    kind: 'feedback',
    verdictId: 'v-1',
    decision: 'overturned',
  }
  const policy: Required<records.Policy> = {
    ...common,
    kind: 'policy',
    text: '{"version":"strict-2"}',
    approvedBy: ['ada'],
  }
  const event: Required<records.Event> = {
    ...subscription,
    ...click,
    ...forward,
    ...comment,
    ...post,
    ...impression,
    ...account,
    ...feedback,
    ...policy,
    kind: 'feedback',
  }
  const verdict: Required<records.Verdict> = {
    verdictId: 'v-1',
    revision: 2,
    status: 'escalated',
    offence: 'inflated-clicks',
    subject: { type: 'account', id: 'daily-bread' },
    accountId: 'daily-bread',
    role: 'beneficiary',
    recommendation: 'correct-count',
    mode: 'live',
    score: 0.98,
    pValue: 2e-9,
    qValue: 1e-4,
    window: { start: 1_740_812_400_000, end: 1_740_816_000_000 },
    detectedAt: 1_740_816_000_000,
    counts: { raw: 9_000, authentic: 400, disputed: 8_600 },
    cluster: {
      ...{ id: 'k-5', size: 2, members: ['reader-7', 'reader-8'] },
      history: [{ at: 1_740_812_400_000, change: 'split-from', size: 2, other: 'k-4' }],
    },
    elements: [
      {
        element: 'not an honest audience',
        test: 'share of new devices',
        observed: 0.92,
        expected: 0.04,
        pValue: 3e-8,
        sentence: '92 % of the clicks came from devices never seen before; 4 % is usual.',
      },
    ],
    evidence: {
      eventIds: ['e-1'],
      texts: ['写得真好'],
      positions: [{ log: 'account', partition: 0, from: 17, to: 19 }],
    },
    exonerating: ['Subscriptions did not move.'],
    detector: 'inflated-clicks',
    detectorVersion: 1,
    policyVersion: '1',
    statutes: ['terms, 3.2'],
    expiresAt: 1_743_408_000_000,
  }
  const correction: Required<records.Correction> = {
    accountId: 'daily-bread',
    contentId: 'sourdough',
    kind: 'click',
    hour: 1_740_812_400_000,
    raw: 9_000,
    authentic: 400,
    disputed: 8_600,
    low: 350,
    high: 460,
    verdictIds: ['v-1'],
  }
  const deadLetter: Required<records.DeadLetter> = {
    reason: 'malformed-json',
    source: 'clicks.ndjson',
    position: 4096,
    bytes: 'eyJraW5k',
  }
  return {
    subscription,
    click,
    forward,
    comment,
    post,
    impression,
    account,
    feedback,
    policy,
    event,
    verdict,
    correction,
    'dead-letter': deadLetter,
  }
}
