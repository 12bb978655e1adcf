import { families, traits } from '../../model/traits'
import type { TraitName } from '../../model/traits'
import type { ElementFact, Mark, Span } from '../facts'
import { nameOf } from '../name'
import { count, measured, oneIn, percent, scientific } from '../numbers'
import { kindOf } from '../offence-kind'
import type { ElementTold, ElementWords, Words } from './words'

/** In English the sentences of a verdict are its own. */
export const en: Words = {
  language: 'en',
  title: (verdictId) => `Verdict ${verdictId}`,
  sections: {
    decision: 'What was decided',
    numbers: 'The numbers',
    elements: 'What was shown',
    events: 'Which events',
    checks: 'How to check it by hand',
    exonerating: 'What speaks for the account',
    changes: 'What would have changed it',
    appeal: 'How to appeal',
    history: 'Revisions',
  },

  offences: {
    'inflated-subscriptions': 'subscriptions that are not by an audience',
    'inflated-clicks': 'clicks that are not by an audience',
    'inflated-forwards': 'forwards that are not by an audience',
    'inflated-comments': 'comments that are not by an audience',
    'manipulated-click-through': 'clicks and impressions that do not belong together',
    'abnormal-unsubscription': 'subscribers who leave together',
    'batch-homogeneous-posting': 'linked accounts that publish the same in batches',
    'steered-accounts': 'accounts that act as if one hand steered them',
    'false-hotspot': 'something made to look hot by accounts that act together',
    'forged-originality': "another's work, claimed as one's own",
    'dormant-account': 'no login and no use for more than six months after registration',
    'undeclared-transfer': 'an account that changed hands without being declared',
    'bulk-registration': 'accounts registered in bulk',
    'reincarnated-account': 'a closed account that is back',
  },
  roles: {
    beneficiary: 'its number was moved, by whomever; that it did so itself is not said',
    operator: 'it, or whoever controls it, did it',
    engager: 'it took part',
    author: 'it published what was found',
  },
  rungs: {
    watch: 'watch (look at it again; nothing changes)',
    'correct-count': 'correct-count (show the authentic number; nothing else changes)',
    warn: 'warn (tell the account)',
    limit: 'limit (restrict its reach or its functions)',
    suspend: 'suspend (stop it for a time)',
    close: 'close (end it)',
  },
  statuses: {
    raised: 'raised',
    escalated: 'escalated',
    cleared: 'cleared: nothing is recommended any more',
    overturned: 'overturned: it was wrong, and the standing is given back',
  },
  modes: {
    live: 'it counts (live)',
    shadow: 'the detector is on trial (shadow): nobody is to act on it',
  },
  kinds: { subscription: 'subscriptions', click: 'clicks', forward: 'forwards', comment: 'comments' },
  subjects: { account: 'the account', content: 'the content', actor: 'the actor', cluster: 'the cluster' },
  legalElements: {
    'false-traffic': 'False traffic',
    'unusual-number': 'An unusual number',
    'common-control': 'Common control',
    likeness: 'Likeness',
    batch: 'In batches',
    repetition: 'Repetition',
  },
  counted: {
    'inflated-subscriptions': 'subscriptions',
    'inflated-clicks': 'clicks',
    'inflated-forwards': 'forwards',
    'inflated-comments': 'comments',
    'manipulated-click-through': 'clicks',
    'abnormal-unsubscription': 'unsubscriptions',
    'batch-homogeneous-posting': 'pairs of accounts',
    'steered-accounts': 'pairs of members',
    'false-hotspot': 'accounts that took part, of a sample',
    'forged-originality': 'posts',
    'dormant-account': 'accounts',
    'undeclared-transfer': 'accounts',
    'bulk-registration': 'accounts',
    'reincarnated-account': 'things in common',
  },
  traits: withMeanings({
    'shared-device':
      'group them by deviceId, and count those of devices that three or more different actorIds used on this account within about two days',
    'dense-network':
      'group them by the network of their address, and count those of networks with four or more actorIds here that are far more present here than on the other accounts',
    'regular-gap':
      'sort them by occurredAt, and count those that followed after the same time as the one before, give or take a tenth',
    'week-old': 'count those whose occurredAt is less than 7 days after actorCreatedAt',
    young: 'count those whose occurredAt is less than 60 days after actorCreatedAt',
    newcomer: 'count those whose actorId had never acted on more than one other account until then',
    'short-dwell': 'count those with dwellMs below 3000',
    unread: 'count those whose actorId had no click on this account before',
    repeated: "count those that are at least the actorId's fourth of this kind on this account that day",
    'shared-text':
      'group them by text, of twelve letters or more, and count those of texts that three or more actorIds wrote',
    'no-entry': 'count those whose source, referrer or channel is missing, "unknown" or "direct"',
    'dense-agent':
      'group them by userAgent, and count those of programs with four or more actorIds here that are far more present here than on the other accounts',
    'operator-device': 'count those from a deviceId that the account publishes from',
    made: 'count those from a shared device, a dense network or a crew, or with a shared text',
    crew: 'list their actorIds, and count those of actors that the verdicts of steered accounts name as members',
  }),
  families: {
    devices: 'devices',
    networks: 'networks',
    timing: 'timing',
    crews: 'crews',
    people: 'people',
    attention: 'attention',
    repetition: 'repetition',
    entry: 'entry',
    agents: 'programs',
    exposure: 'exposure',
    response: 'what follows a click',
    arrival: 'when they had come',
    control: 'control',
    summary: 'summary',
  },
  tieFamilies: {
    'joint-action': 'joint action',
    texts: 'texts alike',
    links: 'common links, pictures or tags',
    devices: 'common devices',
    networks: 'common networks',
    identities: 'common verified identities',
    operators: 'common operators',
  },
  instruments: {
    'cac-public-accounts-2021':
      'Provisions on the Management of Internet User Public Account Information Services (Cyberspace Administration of China, issued 22 January 2021, in force 22 February 2021)',
  },
  statute: (instrument, article, item) =>
    `${instrument}, Article ${article}${item === undefined ? '' : `, item ${item}`}`,
  unknownStatute: (name) => `${name} (as the policy names it)`,

  elements: {
    'trait-share': ({ trait }, told) => {
      const { counts, offence } = told.verdict
      const events = Math.round(told.element.observed * counts.raw)
      const usual = Math.round(told.element.expected * counts.raw)
      return own(told, {
        test: `the share of events that ${meaning(trait)}, by a beta-binomial tail against the platform and the account's own past`,
        among: 'honest audiences',
        checks: [
          `Of these ${count(counts.raw)} ${kindName(offence)}, ${en.traits[trait].check}: about ${count(events)} (${percent(told.element.observed)}) were found; about ${count(usual)} (${percent(told.element.expected)}) would be usual.`,
        ],
      })
    },
    number: (_, told) =>
      own(told, {
        test: 'the number against what the account usually has at this time of the week; never enough alone',
        among: 'such spans of this account',
        checks: [
          `Count the ${kindName(told.verdict.offence)} of the account in the same hours of the weeks before: about ${measured(Math.round(told.element.expected))} were to be expected, ${measured(told.element.observed)} came.`,
        ],
      }),
    'operator-events': (_, told) =>
      own(told, {
        test: "events from a device that the account's operator publishes from and that five or more actors use",
        among: 'honest audiences',
        checks: [
          `List the deviceIds of the account's own posts, and count the ${kindName(told.verdict.offence)} that came from one of them under other actorIds: ${measured(told.element.observed)} were found.`,
        ],
      }),
    'joint-acts': (fact, told) =>
      own(told, {
        test: "pairs that meet on more objects of different owners than both of their histories and the objects' popularity explain",
        among: 'platforms of this size',
        checks: [
          `Take any two of the members and list what each of them subscribed to, clicked, forwarded or commented on: the median pair did so on ${fact.times} of the same accounts within ${span(fact.within)} of each other; chance explains ${fact.byChance}.`,
        ],
      }),
    'joint-texts': (fact, told) =>
      own(told, {
        test: 'pairs that published near-copies: seven tenths of the letter groups alike, or three tenths of the shorter text in common passages',
        among: 'platforms of this size',
        checks: [
          `Take any two of the members and lay their posts side by side: the median pair published ${fact.times} near-copies within ${span(fact.within)} of each other; chance explains ${fact.byChance}.`,
        ],
      }),
    'joint-links': (fact, told) =>
      own(told, {
        test: 'pairs that used the same links, pictures or tags more often than chance brings about',
        among: 'platforms of this size',
        checks: [
          `Take any two of the members and compare the links, mediaHashes and tags of their posts: the median pair has ${fact.times} in common within ${span(fact.within)} of each other; chance explains ${fact.byChance}.`,
        ],
      }),
    'shared-devices': (fact, told) => place(fact, told, 'deviceId', 'devices'),
    'shared-networks': (fact, told) => place(fact, told, 'the network of their address', 'networks'),
    'shared-identities': (fact, told) => place(fact, told, 'subjectId', 'verified identities'),
    'shared-operators': (fact, told) => place(fact, told, 'the actorId of their posts', 'operators'),
    'common-texts': (_, told) =>
      own(told, {
        test: 'different texts that two members both published within a day; three are asked for',
        among: 'platforms of this size',
        checks: [
          `Look for the two members with most near-copies in common: they published ${measured(told.element.observed)} different texts both, within a day of each other.`,
        ],
      }),
    registrations: ({ origin }, told) =>
      own(told, {
        test: `accounts registered from one ${origin} within a day, against what such an origin brings on this platform`,
        among: `such origins`,
        checks: [
          `List the accounts registered in the window by ${origins[origin]}: ${measured(told.element.observed)} have one in common; about ${measured(told.element.expected)} would be usual.`,
        ],
      }),
    'registrations-sharing': ({ what }, told) =>
      own(told, {
        test: `accounts among them that have ${what === 'name' ? 'names made to one pattern' : `one ${what}`}`,
        among: 'such origins',
        checks: [`Compare ${origins[what]} of these accounts: ${measured(told.element.observed)} agree.`],
      }),
    'hotspot-share': (fact, told) =>
      own(told, {
        test: 'the share of one cluster among those who acted on it, against the share of tied accounts on the platform',
        among: 'things that rise',
        checks: [
          `List who brought up ${nameOf(told.verdict.subject.id)} in the window: of a sample of ${count(fact.of)}, ${count(fact.members)} are members of the cluster of ${count(fact.size)}.`,
        ],
      }),
    'pushed-accounts': (fact, told) =>
      own(told, {
        test: 'accounts that published it and on whose posts so many of the cluster acted',
        among: 'things that rise',
        checks: [
          `Take each account named and list who forwarded its posts or commented on them: at least ${count(fact.least)} of the same ${count(fact.members)} are there.`,
        ],
      }),
    'text-likeness': (fact, told) =>
      own(told, {
        test: 'letter groups that both texts have, or the share of the shorter one that lies in common passages; the larger',
        among: 'pairs of authors who know nothing of each other',
        checks: [
          `Lay the post ${nameOf(fact.contentId)} beside the one of ${nameOf(fact.olderAccountId)} from ${count(fact.minutes)} minutes before: ${percent(told.element.observed)} of it is there.`,
          'Look whether the post claims to be original ("original": true).',
        ],
      }),
    'repeated-copies': (fact, told) =>
      own(told, {
        test: 'such posts of the account within thirty days',
        among: 'pairs of authors who know nothing of each other',
        checks: [
          `Look through the posts of the last thirty days that claim to be original: ${measured(told.element.observed)} were found to be near-copies, of texts of ${count(fact.victims)} other ${fact.victims === 1 ? 'account' : 'accounts'}.`,
        ],
      }),
    'common-mark': (fact, told) =>
      own(told, {
        test: `what the account has in common with ${nameOf(fact.closedAccountId)}, closed ${count(fact.days)} days before it registered`,
        among: 'accounts',
        checks: [`Compare ${marks[fact.mark.what]} of the two accounts.`],
      }),
  },

  exonerations: {
    'usual-trait': ({ trait, observed, usual }) =>
      `${observed} of them ${meaning(trait)}, which is usual (about ${usual}).`,
    'no-operator-events': () => "None of it came from a device of the account's own operator.",
    'usual-number': () => 'The number as such is not unusual for this account.',
    'declared-members': ({ members }) =>
      `${count(members)} of them belong to a network that is openly declared.`,
    'nothing-shared': ({ what }) =>
      `They share ${what === 'identities' ? 'verified identities' : what} no more than others do.`,
    'only-members': ({ accounts, actors }) =>
      `It is about ${[
        ...(accounts > 0 ? [`${count(accounts)} account${accounts === 1 ? '' : 's'}`] : []),
        ...(actors > 0 ? [`${count(actors)} actor${actors === 1 ? '' : 's'}`] : []),
      ].join(' and ')}; who only took part once is not among them.`,
    'others-too': ({ others }) => `${count(others)} others brought it up who do not belong to the cluster.`,
    'pushed-unasked': () =>
      'Whoever is pushed need not have asked for it: that the accounts hired them is not shown.',
    'nothing-else-shared': () => 'They have nothing else in common.',
    'first-unknown': () =>
      'Whether the older post was the first anywhere is not known: who published elsewhere before can show it.',
    'common-mark-of-many': ({ mark, closedAccountId }) =>
      `What it has in common with ${nameOf(closedAccountId)} (${markName(mark)}) many others have as well.`,
  },

  changes: {
    'fewer-events': ({ events, needed }) =>
      `Fewer than ${count(needed)} events in the window: nothing is judged. There were ${count(events)}.`,
    'fewer-disputed': ({ disputed, needed }) =>
      `Fewer than ${count(needed)} disputed events: no verdict. There were ${count(disputed)}.`,
    'smaller-share': ({ trait, events, of, most, limit }) =>
      `If at most ${count(most)} of the ${count(of)} events (less than ${percent(limit)}) ${meaning(trait)}, that is no evidence. It was about ${count(events)}.`,
    'no-hard-family': ({ traits: hard }) =>
      `None of the signs that no honest crowd shows in number (${hard.map(meaning).join('; ')}): no verdict, however unusual everything else was.`,
    'higher-chance': ({ pValue, level }) =>
      `A chance above ${scientific(level)} under honest behaviour: the false-flag budget would have let it pass. It was ${scientific(pValue)}.`,
    'no-control': ({ events, needed }) =>
      `Fewer than ${count(needed)} events from the operator's own device: the number would be corrected and nobody warned. There were ${count(events)}.`,
    'less-control': ({ events, needed, disputed, neededDisputed }) =>
      `Fewer than ${count(needed)} events from the operator's own device, or fewer than ${count(neededDisputed)} disputed: warn instead of limit. There were ${count(events)} and ${count(disputed)}.`,
    'control-shown': ({ events, needed }) =>
      `Graver than this only with evidence of control: ${count(needed)} events from the operator's own device. There were ${count(events)}.`,
    'fewer-members': ({ members, needed }) =>
      `Fewer than ${count(needed)} members: nothing is judged. There were ${count(members)}.`,
    'looser-ties': ({ families: tied, sure }) =>
      `No family of ties with a chance of ${scientific(sure)} or less that holds half of the members: no verdict. There ${tied === 1 ? 'was one' : `were ${count(tied)}`}.`,
    'one-tie-family': ({ families: tied }) =>
      `One family of ties alone: watch and nothing more. There were ${count(tied)}.`,
    'no-common-device': () => 'No common device and no common operator: warn instead of limit.',
    'declared-network': () =>
      'A network that was openly declared (declaredNetwork) for these accounts before: what they do together makes no tie.',
    'fewer-in-hotspot': ({ members, of, needed, share }) =>
      `Fewer than ${count(needed)} members of one cluster, or less than ${percent(share)} of those who took part: no verdict. There were ${count(members)} of ${count(of)}.`,
    'fewer-pushed': ({ accounts, needed }) =>
      `Fewer than ${count(needed)} accounts that were pushed: they are left alone. There were ${count(accounts)}.`,
    'no-claim': () => 'No claim of originality on the post: no offence.',
    'less-alike': ({ alike, needed }) =>
      `Less than ${percent(needed)} alike: no copy. It was ${percent(alike)}.`,
    sooner: ({ minutes, needed }) =>
      `Published less than ${count(needed)} minutes after the other: left alone. It was ${count(minutes)}.`,
    'fewer-copies': ({ copies, needed }) =>
      `Fewer than ${count(needed)} such posts within thirty days: watch instead of warn. There were ${count(copies)}.`,
    'fewer-registrations': ({ accounts, needed }) =>
      `Fewer than ${count(needed)} accounts from one origin within a day: nothing is judged. There were ${count(accounts)}.`,
    'less-shared': ({ needed }) =>
      `Fewer than ${count(needed)} of them with a second thing in common: watch instead of limit.`,
    'weaker-marks': ({ sure }) =>
      `Nothing in common that others have less often than ${scientific(sure)}: no verdict.`,
    'one-side': () => 'Things in common of one side only, of person, place and face: watch instead of limit.',
  },
  element: ({ title, sentence }) => `${title}: ${sentence}`,
  tested: (test) => `Test: ${test}.`,
  quoted: (sentence) => sentence,

  chance: (pValue, among) => {
    if (pValue >= 0.1) return `About ${Math.round(pValue * 100)} in 100 ${among} look like this or stronger.`
    const one = oneIn(pValue)
    return one === undefined
      ? `Less than one in a billion ${among} would look like this (chance ${scientific(pValue)}).`
      : `About one in ${count(one)} ${among} would look like this or stronger (chance ${scientific(pValue)}).`
  },
  decided: ({ revision, status }, { from, to, detectedAt }) =>
    `Decided ${detectedAt} UTC, about ${from} to ${to} UTC; revision ${revision}, ${en.statuses[status]}.`,
  about: ({ offence, subject, accountId }, name) =>
    `${capital(en.offences[offence])} (${offence}): ${en.subjects[subject.type]} ${name.subject}${subject.id === accountId ? '' : `, account ${name.account}`}.`,
  by: ({ detector, detectorVersion, policyVersion, mode }) =>
    `By the detector ${nameOf(detector)}, version ${detectorVersion}, under the policy ${nameOf(policyVersion)}; ${en.modes[mode]}.`,
  until: ({ recommendation, role }, time) =>
    `Recommended: ${en.rungs[recommendation]}, until ${time} UTC. Role: ${role}: ${en.roles[role]}.`,
  underStatutes: (statutes) =>
    `It falls under: ${statutes.join('; ')}. The articles are those of the policy's map; the official text holds.`,
  budget: ({ pValue, qValue }) =>
    `Chance of evidence like this with honest behaviour: ${scientific(pValue)}. Of verdicts at least as strong, ${scientific(qValue)} are expected to be wrong.`,
  counts: ({ raw, authentic, disputed }, counted) =>
    `${count(raw)} ${counted} in the window: ${count(authentic)} authentic, ${count(disputed)} disputed.`,
  observed: (observed, expected, chance) => `Observed ${observed}, expected ${expected}. ${chance}`,
  members: (size, names, isAll) => `Cluster of ${count(size)}${isAll ? '' : ', among them'}: ${names}.`,
  samples: (ids) => `Samples, as eventId: ${ids}.`,
  noSamples: 'No single events are named; what was judged is all of the window.',
  positions: (spans) => `The records stand at: ${spans}.`,
  text: (text) => `Text: ${text}`,
  lookUp: (ids) => `Look up these eventIds and see for yourself whether each has what is said above: ${ids}.`,
  take: ({ offence, counts }, { from, to, account }) =>
    `Take all ${kindName(offence)} of ${account} with occurredAt from ${from} to before ${to} UTC, each eventId once: ${count(counts.raw)} were counted.`,
  nothingExonerates: 'Nothing that was tested does.',
  otherPolicy: ({ decided, shown }) =>
    `The verdict was made under the policy ${decided}; the thresholds here are those of ${shown}. Name the file of ${decided} with --policy.`,
  nothingChanges: 'The thresholds of this detector are not known here; see its README.',
  appeal: [
    'A review or an appeal answers with one record, to the topic enforcement.feedback (or as POST /api/v1/feedback with verdictId, decision and actorId):',
    '"overturned" gives the standing back, "confirmed" keeps it. Put your own values where there are stars; times are milliseconds since 1970.',
    'What would help: a count of your own that differs from the numbers above, an explanation of the events named, or a declared network.',
  ],
  revision: ({ revision, status, recommendation, counts }, time) =>
    `${revision}: ${time} UTC, ${en.statuses[status]}, ${recommendation}; ${count(counts.raw)} counted, ${count(counts.disputed)} disputed.`,
  onlyLatest: 'Earlier revisions are not at hand here; the topic enforcement.verdicts has them.',

  whyNot: {
    title: (account, asOf) =>
      `Why there is no verdict on account ${account}${asOf === undefined ? '' : `, as of ${asOf} UTC`}`,
    hasVerdicts: (account, ids) =>
      `There is a verdict that concerns ${account}: ${ids}. "assay explain ID" tells it.`,
    nothing: 'Nothing was measured lately that any detector asks for.',
    miss: (offence, { detector, from, to }) => `${capital(offence)} (${detector}), ${from} to ${to} UTC`,
    now: 'By what is known now',
    past: 'The nearest it came, over all that was read',
    missing: (conditions) => `Missing: ${conditions.join('; ')}.`,
    nothingMissing: 'Nothing is missing, but the false-flag budget asked for a smaller chance at the time.',
    met: 'yes',
    unmet: 'no',
    chance: (pValue) => `Chance under honest behaviour: ${pValue}.`,
    exempt: (offence, reason) => `Exempt from ${offence}: ${reason}.`,
    exemptions: {
      declared: 'it belongs to a network that is openly declared',
      form: 'its posts are one form that is filled in again and again',
      official: 'it passes on an official notice',
      credit: 'its posts say whose the text is: syndication with credit',
    },
    elsewhere: (views) => `What the views ${views} know is in another instance: ask that one as well.`,
    conditions: {
      count: ({ observed, needed }) => `${count(observed)} events in the window, ${count(needed)} are needed`,
      trait: ({ of, observed, needed, expected, pValue }) =>
        `${percent(observed)} ${meaning(of as TraitName)}; more than ${percent(needed)} would be evidence, ${percent(expected ?? 0)} is usual, chance ${scientific(pValue ?? 1)}`,
      families: ({ observed, needed }) =>
        `${count(observed)} ${observed === 1 ? 'family' : 'families'} of evidence, ${count(needed)} ${needed === 1 ? 'is' : 'are'} needed`,
      'hard-families': ({ observed, needed }) =>
        `${count(observed)} of them hard (${hardFamilies}), ${count(needed)} is needed`,
      disputed: ({ observed, needed }) => `${count(observed)} disputed events, ${count(needed)} are needed`,
      chance: ({ observed, needed }) =>
        `chance of it all ${scientific(observed)}, at most ${scientific(needed)} convicts`,
      partners: ({ observed, needed }) =>
        `tied to ${count(observed)} others, ${count(needed)} are needed for a cluster`,
      members: ({ observed, needed }) => `a cluster of ${count(observed)}, ${count(needed)} are needed`,
      tie: ({ of, observed, needed }) =>
        `${tieName(of)}: chance ${scientific(observed)}, at most ${scientific(needed)} is sure`,
      'tied-members': ({ of, observed, needed }) =>
        `${tieName(of)}: ties ${count(observed)} members, ${count(needed)} are needed`,
      'tie-families': ({ observed, needed }) =>
        `${count(observed)} sure families of ties that make this offence, ${count(needed)} is needed`,
      'hot-members': ({ observed, needed }) =>
        `${count(observed)} members of one cluster took part, ${count(needed)} are needed`,
      'hot-share': ({ observed, needed }) =>
        `they are ${percent(observed)} of those who took part, ${percent(needed)} is needed`,
      'pushed-accounts': ({ observed, needed }) =>
        `${count(observed)} accounts were pushed, ${count(needed)} are needed`,
      likeness: ({ observed, needed }) =>
        `${percent(observed)} of a post is an older one of somebody else, ${percent(needed)} is needed`,
      copies: ({ observed, needed }) => `${count(observed)} such posts, ${count(needed)} is needed`,
      registrations: ({ of, observed, needed, expected }) =>
        `${count(observed)} accounts registered from one ${of ?? ''} within a day, ${count(needed)} are needed, about ${measured(expected ?? 0)} are usual`,
      shared: ({ observed, needed }) =>
        `${count(observed)} of them have a second thing in common, ${count(needed)} are needed`,
      mark: ({ of, observed, needed }) =>
        `${of ?? ''} in common with a closed account: chance ${scientific(observed)}, at most ${scientific(needed)} counts`,
      marks: ({ observed, needed }) =>
        `${count(observed)} sides (person, place, face) in common with a closed account, ${count(needed)} ${needed === 1 ? 'is' : 'are'} needed`,
    },
  },
}

function own(told: ElementTold, words: Omit<ElementWords, 'sentence'>): ElementWords {
  return { sentence: told.element.sentence, ...words }
}

function place(
  { members, places }: Extract<ElementFact, { places: number }>,
  told: ElementTold,
  field: string,
  what: string,
): ElementWords {
  return own(told, {
    test: `pairs of members with ${what} in common, against how many the platform has`,
    among: 'clusters of this size',
    checks: [
      `Compare, over the members, ${field}: ${count(members)} of them share ${count(places)}; ${measured(told.element.observed)} pairs agree, where chance explains ${measured(told.element.expected)}.`,
    ],
  })
}

function withMeanings(checks: Readonly<Record<TraitName, string>>): Words['traits'] {
  return Object.fromEntries(
    traits.map((trait) => [trait.name, { meaning: trait.meaning, check: checks[trait.name] }]),
  ) as Words['traits']
}

function meaning(trait: TraitName): string {
  return en.traits[trait].meaning
}

function kindName(offence: ElementTold['verdict']['offence']): string {
  const kind = kindOf(offence)
  return kind === undefined ? 'events' : en.kinds[kind]
}

function tieName(of: string | undefined): string {
  return (en.tieFamilies as Partial<Record<string, string>>)[of ?? ''] ?? of ?? ''
}

function markName(mark: Mark): string {
  switch (mark.what) {
    case 'name':
      return `the name ${nameOf(mark.name)}, like ${nameOf(mark.closedName)}`
    case 'texts':
      return `${count(mark.texts)} texts`
    case 'identity':
    case 'device':
    case 'network':
      return mark.what
  }
}

function span(of: Span): string {
  return { minute: 'a minute', 'ten-minutes': 'ten minutes', hour: 'an hour', day: 'a day' }[of]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const origins = {
  device: 'deviceId',
  identity: 'subjectId',
  network: 'the network of their address',
  name: 'the names',
} as const
const marks = {
  identity: 'subjectId',
  device: 'the deviceId of the registration',
  network: 'the network of the address of the registration',
  name: 'the names',
  texts: 'the texts',
} as const
const hardFamilies = Object.entries(families)
  .filter(([, hardness]) => hardness === 'hard')
  .map(([family]) => family)
  .join(', ')
