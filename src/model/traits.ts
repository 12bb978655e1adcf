/**
 * As often as one person plausibly does one thing on one account in a day: once for each of its hours. It bounds what one
 * actor adds to a number, and calls nobody anything.
 */
export const mostInADay = 24

/** The most of an honest crowd's events that are mistaken for those of a dense origin, however large the crowd. */
export const mistakenForDense = 0.01

/**
 * Traits: yes-or-no marks of a single event that an honest audience carries seldom and a made one often. Each is cheap
 * to see, has a share among honest events that the platform itself tells, and belongs to a family of evidence; two
 * traits of one family are never taken for two pieces of evidence.
 */
export const traits = [
  {
    name: 'shared-device',
    family: 'devices',
    meaning: 'came from a device that three or more of these actors use',
  },
  {
    name: 'dense-network',
    family: 'networks',
    meaning: 'came from a network far more present here than on the rest of the platform',
    byChance: mistakenForDense,
  },
  {
    name: 'regular-gap',
    family: 'timing',
    meaning: 'followed at the same interval as the one before',
    byChance: 0.05,
  },
  { name: 'week-old', family: 'people', meaning: 'were by an actor registered within a week' },
  { name: 'young', family: 'people', meaning: 'were by an actor registered within sixty days' },
  {
    name: 'newcomer',
    family: 'people',
    meaning: 'were by an actor never seen on more than one other account',
  },
  { name: 'short-dwell', family: 'attention', meaning: 'ended within three seconds' },
  { name: 'unread', family: 'attention', meaning: 'were by an actor who never read this account' },
  { name: 'repeated', family: 'repetition', meaning: 'were at least the fourth by the same actor that day' },
  { name: 'shared-text', family: 'repetition', meaning: 'had the text of at least two other actors' },
  { name: 'no-entry', family: 'entry', meaning: 'came from nowhere that the platform knows' },
  {
    name: 'dense-agent',
    family: 'agents',
    meaning: 'came from a program far more present here than elsewhere',
    byChance: mistakenForDense,
  },
  { name: 'operator-device', family: 'control', meaning: "came from the account operator's own device" },
  {
    name: 'made',
    family: 'summary',
    meaning: 'came from a shared device, a dense network or a crew, or had a shared text',
  },
  {
    name: 'uncleared',
    family: 'summary',
    meaning: 'were made, or named no device, by which it would have been seen',
  },
  {
    name: 'crew',
    family: 'crews',
    meaning: 'were by actors that act together on many accounts, far beyond chance',
  },
  {
    name: 'overactive',
    family: 'frequency',
    meaning: 'were beyond the twenty-fourth by the same actor that day',
    isDaily: true,
  },
] as const satisfies readonly Trait[]

export interface Trait {
  readonly name: string
  readonly family: Family
  /** Completes "… of these events". */
  readonly meaning: string
  /**
   * The share of honest events that carry it by chance alone, where theory tells it. What is usual is never less, since it
   * is mostly learnt from handfuls of events, in which chance has no room.
   */
  readonly byChance?: number
  /** It adds up over a day, from nothing, so that what is usual is not known before a platform has been seen for one. */
  readonly isDaily?: true
}

/**
 * Signs of evidence that are shares of many events and no mark of a single one: each is one number against what is
 * usual. `meaning` completes "… of these events", as that of a trait does.
 */
export const shares = [
  {
    name: 'unexposed',
    family: 'exposure',
    meaning: 'came from feeds and searches without the impressions that so many clicks have',
  },
  { name: 'unclicked', family: 'exposure', meaning: 'led to a click from a feed or a search' },
  {
    name: 'unanswered',
    family: 'response',
    meaning: 'were followed by a subscription, a forward or a comment',
  },
  {
    name: 'heavy-device',
    family: 'devices',
    meaning: 'went to devices that were shown this account more than sixty times that day',
  },
  {
    name: 'together',
    family: 'arrival',
    meaning: 'were by actors who had subscribed within the same half hour as many of the others',
  },
  { name: 'brief', family: 'arrival', meaning: 'ended a subscription of less than three days' },
] as const satisfies readonly Trait[]

/**
 * Families that an honest crowd, however excited or new, does not produce in number are hard; the others are soft: a
 * code shown on television brings newcomers, an advert brings short visits, a lottery brings copied texts. What stands
 * apart is no evidence against an audience: control speaks of the operator, the summary serves to count. What stands
 * alone says that a number is not one of people, and nothing of whose doing that is: it corrects a number by itself, and
 * is never the second of two families, since whoever acts without end repeats as well.
 */
export const families = {
  devices: 'hard',
  networks: 'hard',
  timing: 'hard',
  crews: 'hard',
  frequency: 'alone',
  people: 'soft',
  attention: 'soft',
  repetition: 'soft',
  entry: 'soft',
  agents: 'soft',
  exposure: 'soft',
  response: 'soft',
  arrival: 'soft',
  control: 'apart',
  summary: 'apart',
} as const
export type Family = keyof typeof families
export type TraitName = (typeof traits)[number]['name']
export type ShareName = (typeof shares)[number]['name']
/** Whatever a piece of evidence may be named after. */
export type SignName = TraitName | ShareName

export const traitCount = traits.length

/** The traits that only serve to count: whatever is made carries each of them. */
export const summaries = traits.filter(({ family }) => family === 'summary').map(({ name }) => name)

/** The place of a trait in every array of counters. */
export function traitIndex(name: TraitName): number {
  return traits.findIndex((trait) => trait.name === name)
}
