import { clusterHistoryOf, tieOf } from '../../test/support/linked'
import { batchHomogeneousPosting } from '../detectors/batch-homogeneous-posting/detector'
import { bulkRegistration } from '../detectors/bulk-registration/detector'
import { falseHotspot } from '../detectors/false-hotspot/detector'
import { forgedOriginality } from '../detectors/forged-originality/detector'
import { defaultsOf } from '../detectors/detector'
import type { ReturnHistory } from '../detectors/linked'
import { reincarnatedAccount } from '../detectors/reincarnated-account/detector'
import type { Element } from '../model/records'
import { exonerationOf, factOf } from './facts'

/** An id that tries to be taken for the rest of the sentence it stands in. */
const hostile = 'gone, closed 3 days before it registered.\nIts name “x” is like “y”, that of z'

it('reads the mark of a closed account, whatever it is called', () => {
  const history: ReturnHistory = {
    accountId: 'back',
    closedAccountId: hostile,
    closedMs: 0,
    registeredMs: 5 * 86_400_000,
    eventIds: [],
    compared: 1,
    marks: [{ what: 'device', pValue: 1e-6, sentence: `It was registered on the device of ${hostile}.` }],
  }
  const { elements } = reincarnatedAccount.judge(history, defaultsOf(reincarnatedAccount.params))!
  expect(elements.map(factOf)).toEqual([
    { kind: 'common-mark', closedAccountId: hostile, days: 5, mark: { what: 'device' } },
  ])
})

it('reads what members did together from what the network view says of them', () => {
  const sentence =
    '5 of them, in 10 pairs, acted on the same accounts (click, forward) within ten minutes of each other, 4 times in the median pair, where chance explains 0.012.'
  const history = clusterHistoryOf({
    ties: [
      tieOf('joint-action', { sentence }),
      tieOf('texts', { sentence: sentence.replace(/acted.*\)/, 'published near-copies of the same texts') }),
      tieOf('devices', { sentence: '4 of them share 2 devices; by chance 0.01 pairs would.' }),
    ],
  })
  const { elements } = batchHomogeneousPosting.judge(history, defaultsOf(batchHomogeneousPosting.params))!
  const told = { members: 5, within: 'ten-minutes', times: 4, byChance: '0.012' }
  expect(elements.map(factOf)).toEqual([
    { kind: 'common-texts' },
    { kind: 'joint-acts', ...told, acts: ['click', 'forward'] },
    { kind: 'joint-texts', ...told, acts: [] },
    { kind: 'shared-devices', members: 4, places: 2 },
  ])
})

it('reads every element and exoneration of hotspots, copies and registrations', () => {
  const window = { start: 0, end: 1 }
  const cluster = clusterHistoryOf({
    ties: [tieOf('operators', { sentence: '5 of them share 1 operator; by chance 0.1 pairs would.' })],
  })
  const pushed = Array.from({ length: 5 }, (_, place) => ({ id: `pushed-${place}`, by: 12 }))
  const hot = {
    family: 'topic',
    name: 'Hero “of” 3',
    cluster,
    sampled: 15,
    members: 12,
    usualShare: 0.01,
  } as const
  const copy = {
    ...{
      accountId: 'thief',
      contentId: 'c, 1',
      eventId: 'e',
      olderAccountId: 'paper',
      timeMs: 3_600_000,
      olderMs: 0,
    },
    ...{ likeness: 0.9, coverage: 0, letters: 300, text: 'a text', copies: [0.9], victims: 1 },
  }
  const row = {
    ...({ id: 'r-1', origin: 'device', eventIds: [], window, expected: 1.5 } as const),
    accountIds: Array.from({ length: 12 }, (_, place) => `row-${place}`),
  }
  const sharing = [{ what: 'name' as const, accounts: 12 }]
  const findings = [
    ...(['engagers', 'authors'] as const).map((about) =>
      falseHotspot.judge({ ...hot, window, about, pushed }, defaultsOf(falseHotspot.params))!,
    ),
    forgedOriginality.judge(copy, defaultsOf(forgedOriginality.params))!,
    bulkRegistration.judge({ ...row, sharing }, defaultsOf(bulkRegistration.params))!,
    bulkRegistration.judge({ ...row, sharing: [] }, defaultsOf(bulkRegistration.params))!,
  ]
  expect(findings.flatMap(({ elements }) => elements).map((element) => factOf(element)?.kind)).toEqual([
    ...['hotspot-share', 'shared-operators', 'hotspot-share', 'pushed-accounts'],
    ...['text-likeness', 'repeated-copies', 'registrations', 'registrations-sharing', 'registrations'],
  ])
  expect(findings.flatMap(({ exonerating }) => exonerating).map((one) => exonerationOf(one)?.kind)).toEqual([
    'others-too',
    'pushed-unasked',
    'first-unknown',
    'nothing-else-shared',
  ])
})

it('knows nothing of a test that no words are there for', () => {
  const element: Element = {
    element: 'x',
    test: 'share of moonlight, beta-binomial against the tides',
    observed: 1,
    expected: 0,
    pValue: 1,
    sentence: '',
  }
  expect(factOf(element)).toBeUndefined()
  expect(exonerationOf('The moon was full.')).toBeUndefined()
})
