import type { HabitFamily, HandFamily } from '../../model/acts'
import { families, shares, traits } from '../../model/traits'
import type { ShareName, SignName, TraitName } from '../../model/traits'
import { controlSentences } from '../../decide/control-sentences'
import type { ControlTest } from '../../model/control'
import type { Need } from '../changes'
import type { ElementFact, Mark, Span } from '../facts'
import { nameOf } from '../name'
import { count, measured, oneIn, percent, scientific } from '../numbers'
import { kindOf } from '../offence-kind'
import type { ElementTold, ElementWords, ShareWords, Words } from './words'

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
  formerElements: {
    cleared: 'What cleared it',
    overturned: 'What had been found, and the review',
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
  kinds: {
    subscription: 'subscriptions',
    click: 'clicks',
    forward: 'forwards',
    comment: 'comments',
    unsubscription: 'unsubscriptions',
    impression: 'impressions',
  },
  subjects: { account: 'the account', content: 'the content', actor: 'the actor', cluster: 'the cluster' },
  legalElements: {
    'false-traffic': 'False traffic',
    'unusual-number': 'An unusual number',
    'common-control': 'Common control',
    presence: 'Presence where the account is run',
    coordination: 'Coordination with the account',
    likeness: 'Likeness',
    batch: 'In batches',
    repetition: 'Repetition',
    registration: 'Registration',
    'no-login': 'No login',
    'no-use': 'No use',
    coverage: 'Nothing was missed',
    notice: 'Notice',
    'change-of-hands': 'Change of hands',
    'change-of-habits': 'Change of habits',
    'same-audience': 'The same audience',
    'not-declared': 'Not declared',
    use: 'Use',
    return: 'Return',
    declaration: 'Declaration',
    review: 'Review',
    'limit-of-policy': 'Limit of the policy',
  },
  counted: {
    'batch-homogeneous-posting': 'pairs of accounts',
    'steered-accounts': 'pairs of members',
    'false-hotspot': 'accounts that took part, of a sample',
    'forged-originality': 'posts',
    'dormant-account': 'accounts',
    'undeclared-transfer': 'acts of whoever runs it now',
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
    uncleared:
      'count those from a shared device, a dense network or a crew, or with a shared text, and those without deviceId',
    crew: 'list their actorIds, and count those of actors that the verdicts of steered accounts name as members',
    overactive:
      "count those that are beyond the actorId's twenty-fourth of this kind on this account that day",
  }),
  shares: withShareMeanings({
    unexposed: {
      test: 'clicks that need an impression against the impressions, by a beta-binomial tail; neither the past of the account nor accounts shown as often explain it',
      among: 'honest accounts',
      check: ({ raw, events }) =>
        `Of these ${count(raw)} clicks, count those whose referrer is "feed" or "search", and add up the field count of the impressions of the account in the same time: at the most clicks for an impression that are usual, ${count(events)} of the clicks remain that no impression explains.`,
    },
    unclicked: {
      test: 'clicks from feeds and searches for an impression, by a beta-binomial tail; neither the past of the account nor accounts shown as often explain so few',
      among: 'honest accounts',
      check: ({ raw, events, usual }) =>
        `Count the clicks of the account in the same time whose referrer is "feed" or "search": about ${count(events)} were found; about ${count(usual)} would be usual for ${count(raw)} impressions.`,
    },
    unanswered: {
      test: 'subscriptions, forwards and comments for a click, by a beta-binomial tail; neither the past of the account nor accounts clicked as often explain so few',
      among: 'honest accounts',
      check: ({ raw, events, usual }) =>
        `Count the subscriptions, forwards and comments of the account in the same time: about ${count(events)} were found; about ${count(usual)} would be usual after ${count(raw)} clicks.`,
    },
    'heavy-device': {
      test: 'the share of impressions on devices that were shown the account more than sixty times that day, by a beta-binomial tail against one in twenty, broadly',
      among: 'honest accounts',
      check: ({ raw, events }) =>
        `Of these ${count(raw)} impressions, add up the field count by deviceId and day, and then those of devices with more than 60: about ${count(events)} were found.`,
    },
    together: {
      test: 'the share of leavers who had subscribed in a half hour in which five and a twentieth of them did, by a beta-binomial tail against three in ten, broadly',
      among: 'honest departures',
      check: ({ raw, events }) =>
        `Look up when the actorIds of these ${count(raw)} unsubscriptions had subscribed: about ${count(events)} did so in a half hour in which at least five, and a twentieth, of them did.`,
    },
    brief: {
      test: 'the share of leavers who had subscribed less than three days before, by a beta-binomial tail against three in ten, broadly',
      among: 'honest departures',
      check: ({ raw, events }) =>
        `Look up when the actorIds of these ${count(raw)} unsubscriptions had subscribed: about ${count(events)} did so less than 72 hours before they left.`,
    },
  }),
  hands: { operator: 'who publishes for it', device: 'its devices', place: 'its networks' },
  habits: { hours: 'its hours', tempo: 'how often it publishes', texts: 'its texts' },
  families: {
    devices: 'devices',
    networks: 'networks',
    timing: 'timing',
    crews: 'crews',
    frequency: 'how often one person acts',
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
      const { counts } = told.verdict
      const events = Math.round(told.element.observed * counts.raw)
      const usual = Math.round(told.element.expected * counts.raw)
      return own(told, {
        test: `the share of events that ${meaning(trait)}, by a beta-binomial tail against the platform and the account's own past`,
        among: 'honest audiences',
        checks: [
          `Of these ${count(counts.raw)} ${kindName(told.verdict)}, ${en.traits[trait].check}: about ${count(events)} (${percent(told.element.observed)}) were found; about ${count(usual)} (${percent(told.element.expected)}) would be usual.`,
        ],
      })
    },
    'sign-share': ({ sign }, told) => {
      const { raw } = told.verdict.counts
      const { test, among, check } = en.shares[sign]
      const events = Math.round(told.element.observed * raw)
      return own(told, {
        test,
        among,
        checks: [check({ raw, events, usual: Math.round(told.element.expected * raw) })],
      })
    },
    number: (_, told) =>
      own(told, {
        test: numberTest(told.verdict),
        among: 'such spans of this account',
        checks: [numberCheck(told)],
      }),
    'operator-events': (_, told) =>
      own(told, {
        test: "events from a device that the account's operator publishes from and that five or more actors use",
        among: 'honest audiences',
        checks: [
          `List the deviceIds of the account's own posts, and count the ${kindName(told.verdict)} that came from one of them under other actorIds, of each device from the fifth actorId on: about ${measured(told.element.observed)} were found.`,
        ],
      }),
    control: ({ test }, told) =>
      own(told, {
        test: controlSentences[test].how,
        among: 'accounts that only received such traffic',
        checks: [controlChecks[test]],
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
    registered: ({ on }, told) =>
      own(told, {
        test: 'the event that says so; looked up',
        checks: [
          `Look for the account event with activity "registered" of ${nameOf(told.verdict.accountId)}: it is of ${on} (UTC+8).`,
        ],
      }),
    'no-login': ({ since, until }, told) =>
      own(told, {
        test: 'logins and other activity of the account; looked up, no statistical test',
        checks: [
          `Look for account events of ${nameOf(told.verdict.accountId)} with activity "login", "renamed" or "transferred" ${since === undefined ? 'from its registration on' : `from ${since} on`} until ${until} (UTC+8): there is none.`,
        ],
      }),
    'no-use': (_, told) =>
      own(told, {
        test: 'posts of the account, and acts on it by whoever registered it; looked up, no statistical test',
        checks: [
          'Look for posts of the account in that time, and for anything that the actorId of its registration did on it: there is nothing.',
        ],
      }),
    coverage: (_, told) =>
      own(told, {
        test: 'gaps of 36 hours without logins or without posts of any account, and days with under a quarter of the usual uses; looked up',
        checks: ['See that logins and posts of other accounts came on every day of that time.'],
      }),
    notice: (_, told) =>
      own(told, {
        test: `the notice that the policy gives: ${count(told.element.expected)} days`,
        checks: [],
      }),
    'changed-hand': ({ hand, from, formerTo }, told) =>
      own(told, {
        test: `${en.hands[hand]}, changed for good within a week of the new hand, against how often that happens within a month on the platform (upper end)`,
        among: 'months of an account',
        checks: [
          `List ${handFields[hand]} of the posts and logins of ${nameOf(told.verdict.accountId)}: none of those up to ${formerTo} comes again after the first week from ${from} on (days of UTC+8).`,
        ],
      }),
    'changed-habit': ({ habit }, told) =>
      own(told, {
        test: habitTests[habit],
        among: 'accounts that one hand runs',
        checks: [habitChecks[habit]],
      }),
    'same-audience': ({ sampled }, told) =>
      own(told, {
        test: 'of a sample of those who read before, how many came back; half as many as usual are enough; looked up',
        checks: [
          `List the actorIds that clicked or answered it before and after the change: of ${count(sampled)} of before, ${measured(told.element.observed)} are there again; about ${measured(told.element.expected)} would be usual.`,
        ],
      }),
    'not-declared': (_, told) =>
      own(told, {
        test: 'a declared transfer of the account; looked up, no statistical test',
        checks: [
          `Look for an account event of ${nameOf(told.verdict.accountId)} with activity "transferred": there is none from three months before the change on.`,
        ],
      }),
    used: (_, told) => cleared(told, 'a login, a post or another act by whoever runs the account; looked up'),
    'handed-back': (_, told) => cleared(told, 'an act by one of those who ran the account before; looked up'),
    declared: (_, told) => cleared(told, 'a declared transfer of the account; looked up'),
    overturned: (_, told) => own(told, { test: 'the decision of a person', checks: [] }),
    confirmed: (_, told) => own(told, { test: 'the decision of people', checks: [] }),
    'highest-of-account': (_, told) =>
      own(told, { test: 'what the policy allows for the grade and the category of the account', checks: [] }),
    precision: (_, told) =>
      own(told, {
        test: 'how often reviewers hold this detector to be right; newer reviews count more',
        checks: [],
      }),
    quota: (_, told) => own(told, { test: 'how many verdicts may reach a rung in a day', checks: [] }),
  },

  exonerations: {
    'usual-sign': ({ sign, observed, usual }) =>
      `${observed} of them ${meaning(sign)}, which is usual (about ${usual}).`,
    'no-operator-events': () => "None of it came from a device of the account's own operator.",
    'no-control': (found) => controlSentences[found.test].notFound({ ...found, expected: 0, pValue: 1 }),
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
    'sent-by-anybody': () =>
      'Anybody can send an account subscribers and take them away; nothing shows that this one did.',
    'kept-hand': ({ hand }) => keptHands[hand],
    'same-habit': ({ habit }) => sameHabits[habit],
    used: ({ on }) => `It was used on ${on} (UTC+8).`,
    'handed-back': ({ on }) => `Whoever ran it before was back on ${on} (UTC+8).`,
    declared: ({ on }) => `Its transfer was declared on ${on} (UTC+8).`,
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
      `A chance above ${scientific(level)} under honest behaviour when the case was opened: the false-flag budget would have let it pass. It was ${scientific(pValue)} then.`,
    'rung-lost': ({ rung, instead, needs }) =>
      `For ${rung} it takes ${needsIn(needs)}. With less, ${instead}${instead === 'correct-count' ? ' and nothing more' : ''}.`,
    'rung-more': ({ rung, needs }) => `Graver than this, ${rung}, would take ${needsIn(needs)}.`,
    'policy-limit': () => 'Without the limit of the policy named above: a graver recommendation.',
    'usual-number': ({ observed, expected }) =>
      `As many as usually leave this account, whoever they are: no verdict. About ${measured(Math.round(expected))} were to be expected, ${count(observed)} left.`,
    'fewer-such-clicks': ({ needed }) =>
      `Fewer than ${count(needed)} clicks from feeds and searches: nothing is judged.`,
    'fewer-impressions': ({ impressions, needed }) =>
      `Fewer than ${count(needed)} impressions in the window: nothing is judged. There were ${count(impressions)}.`,
    'fewer-clicks-for-impressions': ({ factor }) =>
      `Less than ${measured(factor)} times as many such clicks for an impression as usual: no verdict.`,
    'nearer-rate': ({ sign, observed, needed }) =>
      `If more than ${percent(needed)} of them ${meaning(sign)}: no verdict. It was ${percent(observed)}.`,
    'fewer-heavy-devices': ({ needed }) =>
      `Fewer than ${count(needed)} devices that were shown the account more than sixty times that day: no verdict.`,
    'any-use': ({ until }) =>
      `One login, one post or any other use by whoever runs it: no verdict. Until ${until} (UTC+8) it still clears this one.`,
    'within-six-months': () =>
      'Six months or less, by the calendar of UTC+8, since its registration or since a gap in the stream: no verdict.',
    'declared-transfer': ({ until }) =>
      `A declared transfer (activity "transferred"), from three months before the change on: no verdict. Until ${until} (UTC+8) it still clears this one.`,
    'former-hand-back': ({ until }) =>
      `Any of those who ran it before, back after the first week: no verdict. Until ${until} (UTC+8) the return still clears this one.`,
    'fewer-changes': ({ changes, needed }) =>
      `Fewer than ${count(needed)} changes among operator, devices, networks, hours, tempo and texts, or the operator not among them: no verdict. There were ${count(changes)}.`,
    'hand-or-habits-kept': () =>
      'Any device or network of before still in use, or no change of habits: watch instead of warn.',
    'other-audience': ({ returned, needed }) =>
      `Fewer than ${count(needed)} of the sampled readers back: it would be another account to another audience, and no verdict. There were ${count(returned)}.`,
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
  nothingRecommended: {
    cleared: 'Nothing is recommended any more: what was found has been cleared.',
    overturned:
      'Nothing is recommended: it was wrong, and nothing of it is held against the account any more.',
  },
  underStatutes: (statutes) =>
    `It falls under: ${statutes.join('; ')}. The articles are those of the policy's map; the official text holds.`,
  budget: ({ pValue, qValue }) =>
    `Chance of evidence like this with honest behaviour: ${scientific(pValue)}. Of verdicts at least as strong, ${scientific(qValue)} are expected to be wrong.`,
  isFact: 'Everything in it was looked up; nothing was inferred, so there is no chance to tell.',
  counts: (verdict) => {
    const { raw, authentic, disputed } = verdict.counts
    return `${count(raw)} ${countedIn(verdict)} in the window: ${count(authentic)} authentic, ${count(disputed)} disputed.`
  },
  nothingCounted: 'No number is in dispute; it is about the account itself.',
  observed: (observed, expected, chance) => `Observed ${observed}, expected ${expected}. ${chance}`,
  members: (size, names, isAll) => `Cluster of ${count(size)}${isAll ? '' : ', among them'}: ${names}.`,
  samples: (ids) => `Samples, as eventId: ${ids}.`,
  noSamples: 'No single events are named; what was judged is all of the window.',
  positions: (spans) => `The records stand at: ${spans}.`,
  text: (text) => `Text: ${text}`,
  lookUp: (ids) => `Look up these eventIds and see for yourself whether each has what is said above: ${ids}.`,
  take: (verdict, { from, to, account }) => {
    const raw = count(verdict.counts.raw)
    const within = `of ${account} with occurredAt from ${from} to before ${to} UTC, each eventId once`
    switch (kindOf(verdict)) {
      case 'unsubscription':
        return `Take all subscriptions with action "unsubscribe" ${within}: ${raw} were counted.`
      case 'impression':
        return `Add up the field count of all impressions ${within}: ${raw} were counted.`
      case 'subscription':
      case 'click':
      case 'forward':
      case 'comment':
      case undefined:
        return `Take all ${kindName(verdict)} ${within}: ${raw} were counted.`
    }
  },
  nothingExonerates: 'Nothing that was tested does.',
  otherPolicy: ({ decided, shown }) =>
    `The verdict was made under the policy ${decided}; the thresholds here are those of ${shown}. Name the file of ${decided} with --policy.`,
  nothingChanges: 'The thresholds of this detector are not known here; see its README.',
  holdsNoLonger: 'It holds no longer, so there is nothing to change.',
  isOverturned: 'It has been overturned, for good: there is nothing to appeal against.',
  appeal: [
    'Say so to the platform, and name this verdict. What would help: a count of your own that differs from the numbers above, an explanation of the events named, or a declared network.',
    'Whoever reviews it answers with one record, to the topic enforcement.feedback (or as POST /api/v1/feedback with verdictId and decision, and a token whose name it then has):',
    '"overturned" gives the standing back, "confirmed" keeps it. Put your own values where there are stars; times are milliseconds since 1970.',
  ],
  revision: ({ revision, status, recommendation, counts }, time) =>
    `${revision}: ${time} UTC, ${en.statuses[status]}${Object.hasOwn(en.nothingRecommended, status) ? '' : `, ${recommendation}`}${counts.raw === 0 ? '' : `; ${count(counts.raw)} counted, ${count(counts.disputed)} disputed`}.`,
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
    nothingMissing:
      'Nothing is missing. Where no verdict tells of it, a person has found it to be nothing, the policy exempts the account or has the detector on trial, or the false-flag budget asked for a smaller chance at the time.',
    met: 'yes',
    unmet: 'no',
    chance: (pValue) => `Chance under honest behaviour: ${pValue}.`,
    exempt: (offence, reason) => `Exempt from ${offence}: ${reason}.`,
    granted: ({ reason, owner, until }) => `by the policy until ${until}, granted by ${owner}: ${reason}`,
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
        `${percent(observed)} ${meaning(of as SignName)}; more than ${percent(needed)} would be evidence, ${percent(expected ?? 0)} is usual, chance ${scientific(pValue ?? 1)}`,
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
      needing: ({ observed, needed }) =>
        `${count(observed)} clicks from feeds and searches, ${count(needed)} are needed`,
      impressions: ({ observed, needed }) => `${count(observed)} impressions, ${count(needed)} are needed`,
      'heavy-devices': ({ observed, needed }) =>
        `${count(observed)} devices that were shown the account more than sixty times that day, ${count(needed)} are needed`,
      rate: ({ of, observed, needed, expected, pValue }) =>
        `${rateWords[of as keyof typeof rateWords](measured(observed), measured(needed))}; about ${measured(expected ?? 0)} is usual, chance ${scientific(pValue ?? 1)}`,
      departures: ({ observed, needed, expected }) =>
        `chance of so many who leave ${scientific(observed)}, at most ${scientific(needed)} convicts, about ${count(expected ?? 0)} are usual`,
      mark: ({ of, observed, needed }) =>
        `${of ?? ''} in common with a closed account: chance ${scientific(observed)}, at most ${scientific(needed)} counts`,
      marks: ({ observed, needed }) =>
        `${count(observed)} sides (person, place, face) in common with a closed account, ${count(needed)} ${needed === 1 ? 'is' : 'are'} needed`,
      unused: ({ isMet }) =>
        isMet
          ? 'nobody has used it since it was registered'
          : 'somebody uses it, or its registration was not seen; a registration that nobody has used since is needed',
      'unused-days': ({ observed, needed }) =>
        `${count(observed)} days without any use, as far back as it would have been heard; ${count(needed)} days are needed, more than six months`,
      silence: ({ observed, needed }) =>
        `${count(observed)} hours without a login or without a post of any account; more than ${count(needed)} and silence proves nothing`,
      'known-days': ({ observed, needed }) =>
        `${count(observed)} days in which it was seen who runs it, ${count(needed)} days are needed`,
      'known-acts': ({ observed, needed }) =>
        `${count(observed)} logins and posts that show who runs it, ${count(needed)} are needed`,
      'newcomer-days': ({ observed, needed }) =>
        observed === 0
          ? `nobody but those who are known runs it, or only since today; another must for ${count(needed)} days`
          : `${count(observed)} days since another began to run it, ${count(needed)} days are needed`,
      'newcomer-acts': ({ observed, needed }) =>
        `${count(observed)} logins and posts since then, ${count(needed)} are needed`,
      operator: ({ isMet }) =>
        isMet
          ? 'another publishes for it, and none of those of before has come back'
          : 'one of those who ran it before has come back, or the other has been seen too seldom',
      hand: ({ of, isMet }) =>
        `${en.hands[of as HandFamily]}: ${isMet ? 'changed for good' : 'not changed for good'}`,
      hands: ({ observed, needed }) =>
        `${count(observed)} of who publishes, on which devices and from which networks changed for good, ${count(needed)} are needed`,
      habit: ({ of, observed, needed }) =>
        `${en.habits[of as HabitFamily]}: chance of the change ${scientific(observed)}, at most ${scientific(needed)} counts as changed`,
      changes: ({ observed, needed }) =>
        `${count(observed)} of these and of its habits (hours, tempo, texts) changed, ${count(needed)} are needed`,
      readers: ({ observed, needed, expected }) =>
        `${count(observed)} of a sample of its readers came back, ${count(needed)} are needed, about ${measured(expected ?? 0)} usually do`,
      declared: ({ isMet }) =>
        isMet ? 'no transfer was declared' : 'its transfer was declared, so that nothing is to be told',
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

function withShareMeanings(words: Readonly<Record<ShareName, Omit<ShareWords, 'meaning'>>>): Words['shares'] {
  return Object.fromEntries(
    shares.map(({ name, meaning: means }) => [name, { meaning: means, ...words[name] }]),
  ) as Words['shares']
}

function meaning(sign: SignName): string {
  return { ...en.traits, ...en.shares }[sign].meaning
}

function kindName(verdict: ElementTold['verdict']): string {
  const kind = kindOf(verdict)
  return kind === undefined ? 'events' : en.kinds[kind]
}

function countedIn(verdict: ElementTold['verdict']): string {
  const kind = kindOf(verdict)
  return kind === undefined ? en.counted[verdict.offence as keyof Words['counted']] : en.kinds[kind]
}

function numberTest(verdict: ElementTold['verdict']): string {
  switch (kindOf(verdict)) {
    case 'unsubscription':
      return 'how many left against how many usually leave this account; never enough alone'
    case 'impression':
      return 'the impressions against how many so many clicks usually have; never enough alone'
    case 'subscription':
    case 'click':
    case 'forward':
    case 'comment':
    case undefined:
      return 'the number against what the account usually has at this time of the week; never enough alone'
  }
}

function numberCheck({ element, verdict }: ElementTold): string {
  const [expected, observed] = [measured(Math.round(element.expected)), measured(element.observed)]
  switch (kindOf(verdict)) {
    case 'unsubscription':
      return `Count how many left the account in spans as long of the weeks before: about ${expected} were to be expected, ${observed} left.`
    case 'impression':
      return `Count the clicks from feeds and searches in the window, and how many impressions the account had for each of them before: about ${expected} impressions were to be expected, ${observed} were told.`
    case 'subscription':
    case 'click':
    case 'forward':
    case 'comment':
    case undefined:
      return `Count the ${kindName(verdict)} of the account in the same hours of the weeks before: about ${expected} were to be expected, ${observed} came.`
  }
}

function cleared(told: ElementTold, test: string): ElementWords {
  return own(told, { test, checks: [] })
}

function needsIn(needs: readonly Need[]): string {
  const told = needs.map(({ what, needed, observed }) => {
    const there = observed === undefined ? '' : thereWere(what, observed)
    return `${needWords[what](needed)}${there}`
  })
  return told.length < 2 ? told.join('') : `${told.slice(0, -1).join(', ')} and ${told.at(-1)!}`
}

function thereWere(what: Need['what'], observed: number): string {
  return what === 'controlPValue' ? ` (it was ${scientific(observed)})` : ` (there were ${count(observed)})`
}

const controlChecks: Readonly<Record<ControlTest, string>> = {
  'before-publication':
    "List the account's latest posts with the times at which they were published, and the disputed events of each contentId: count the posts with two or more of them from five seconds to an hour before.",
  'sister-devices':
    'List the deviceIds from which accounts with the same operator publish, and count the disputed events from them.',
  'operator-network':
    "List the networks from which the account's own posts came, and count the disputed events from those that hardly anybody else uses.",
  'repeat-timing':
    'Measure for each of the latest posts how long after it the disputed events began, and count those that agree to a twentieth.',
  'within-seconds': 'Count the posts that had two or more disputed events within three seconds.',
  'sister-crew':
    'List the other accounts on which the same actors acted, and count those that publish under the same actorId or from the same device.',
}

const needWords: Readonly<Record<Need['what'], (needed: number) => string>> = {
  controlPValue: (needed) => `tests of control by which the chance is at most ${scientific(needed)}`,
  controlEvents: (needed) => `${count(needed)} events from the operator's own device`,
  disputed: (needed) => `${count(needed)} disputed events`,
  confirmations: (needed) =>
    `${count(needed)} ${needed === 1 ? 'person who confirms' : 'people who confirm'} it`,
  earlierOffences: (needed) =>
    `${count(needed)} earlier ${needed === 1 ? 'offence' : 'offences'} that people have confirmed`,
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

const rateWords = {
  unexposed: (observed: string, needed: string) =>
    `${observed} clicks from feeds and searches for an impression, more than ${needed} would be evidence`,
  unclicked: (observed: string, needed: string) =>
    `${observed} clicks from feeds and searches for an impression, fewer than ${needed} would be evidence`,
  unanswered: (observed: string, needed: string) =>
    `${observed} subscriptions, forwards and comments for a click, fewer than ${needed} would be evidence`,
} as const
const handFields = {
  operator: 'the actorId',
  device: 'the deviceId',
  place: 'the network of the address',
} as const
const keptHands = {
  operator: 'Some of those who ran it before still do.',
  device: 'It is still run on a device of before.',
  place: 'It is still run from a network of before.',
} as const
const sameHabits = {
  hours: 'The hours at which it is run are what they were, so far as chance allows.',
  tempo: 'It publishes as often as before, so far as chance allows.',
  texts: 'Its texts are as long as before and in the same script, so far as chance allows.',
} as const
const habitTests = {
  hours:
    'at which hours it is run, by three hours of the day, chi-square; as surprising as in accounts whose hand did not change',
  tempo: 'posts a day, binomial; as surprising as in accounts whose hand did not change',
  texts: 'posts by length and script, chi-square; as surprising as in accounts whose hand did not change',
} as const
const habitChecks = {
  hours: 'Count its posts and logins by three hours of the day (UTC), before the change and after.',
  tempo: 'Count its posts and divide them by the days, before the change and after.',
  texts: 'Compare the lengths and the scripts of its texts, before the change and after.',
} as const
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
