import type { ControlEvidence, ControlTest } from '../model/control'

/** How a test of control is told: how it was made, what it found, what it did not find, and what would overturn it. */
interface Told {
  readonly how: string
  readonly found: (evidence: ControlEvidence, expected: number) => string
  readonly notFound: (evidence: ControlEvidence) => string
  readonly overturnedBy: string
}

export const controlSentences: Readonly<Record<ControlTest, Told>> = {
  'before-publication': {
    how: "posts with two or more made events five seconds to an hour before the post, binomial against such posts on the platform and the account's other events",
    found: ({ observed, outOf }, expected) =>
      `On ${observed} of its latest ${outOf} posts made events came before the post was published, where about ${expected} are to be expected; nobody else could know of them.`,
    notFound: ({ observed, outOf }) =>
      `Made events came before the post was published on ${observed} of its latest ${outOf} posts, no more than mistaken records explain.`,
    overturnedBy:
      'Overturned if the posts could be seen before the recorded time, or if somebody else knew of them or could guess their ids.',
  },
  'sister-devices': {
    how: 'events from devices under five or more names from which accounts with the same operator publish, Poisson against such devices of strangers',
    found: ({ observed }, expected) =>
      `${observed} of these events came from devices that sister accounts are run from, under five or more names, where about ${expected} are to be expected.`,
    notFound: ({ observed }) =>
      `${observed === 0 ? 'None' : `No more than ${observed}`} of it came from devices that sister accounts are run from.`,
    overturnedBy: 'Overturned if those devices are not in the hands of the operator of this account.',
  },
  'operator-network': {
    how: 'events from a network that the account is published from and that is hardly used elsewhere, Poisson against such networks of strangers',
    found: ({ observed }, expected) =>
      `${observed} of these events came from the network that the account is published from and hardly anybody else uses, where about ${expected} are to be expected.`,
    notFound: ({ observed }) =>
      `${observed === 0 ? 'None' : `No more than ${observed}`} of it came from a network that is the operator's alone.`,
    overturnedBy: 'A guest or anybody with the password can do the same, so that this alone shows nothing.',
  },
  'repeat-timing': {
    how: 'posts behind which made events begin after the same time to a twentieth, binomial against any delay that falls off with time',
    found: ({ observed, outOf }, expected) =>
      `Behind ${observed} of ${outOf} posts made events began after the same time, where at most about ${expected} are to be expected.`,
    notFound: ({ observed, outOf }) =>
      `Made events began at no steady time behind its posts (${observed} of ${outOf} alike).`,
    overturnedBy: 'Anybody who watches the account can do the same, so that this alone shows nothing.',
  },
  'within-seconds': {
    how: 'posts with two or more made events within three seconds, binomial against such posts on the platform',
    found: ({ observed, outOf }, expected) =>
      `On ${observed} of its latest ${outOf} posts made events came within three seconds, where about ${expected} are to be expected.`,
    notFound: ({ observed, outOf }) =>
      `Made events came within three seconds on ${observed} of its latest ${outOf} posts, which is usual.`,
    overturnedBy: 'Anybody who watches the account can do the same, so that this alone shows nothing.',
  },
  'sister-crew': {
    how: 'accounts moved by the same crew that are run by the same operator, hypergeometric against all accounts',
    found: ({ observed, outOf }, expected) =>
      `Of the ${outOf} other accounts that the same crew moved ${observed} have the same operator, where about ${expected} are to be expected.`,
    notFound: ({ observed, outOf }) =>
      `The crew in its audience moved ${outOf} other accounts, of which ${observed} have the same operator.`,
    overturnedBy:
      'Somebody who frames all accounts of one operator does the same, so that this alone shows nothing.',
  },
}
