/** The records of the contract. Made from schemas/ by `npm run generate`; change them there. */

/** Something happened to a public account itself: it appeared, was used, changed or ended. */
export interface Account {
  /** Always account; may be left out where the topic says it. */
  readonly kind?: 'account' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account that it happened to. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /**
   * What happened to the account: it registered, its operator logged in, it changed hands, changed its
   * name, or closed.
   */
  readonly activity: 'registered' | 'login' | 'transferred' | 'renamed' | 'closed'
  /** The verified identity behind the account, hashed by the platform. */
  readonly subjectId?: string | null
  /** The field that the account publishes in, by a name of the platform's choice. */
  readonly category?: string | null
  /** The standing that the platform gives the account, by a name of its choice. */
  readonly grade?: string | null
  /** The name that readers see. */
  readonly name?: string | null
  /** An id shared by accounts that openly publish together; acting together is no offence among them. */
  readonly declaredNetwork?: string | null
}

/** Somebody opened a content. */
export interface Click {
  /** Always click; may be left out where the topic says it. */
  readonly kind?: 'click' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account whose numbers the event moves. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** How long the visitor stayed with the content, in milliseconds. */
  readonly dwellMs?: number | null
  /** Where the visitor came from. */
  readonly referrer?: 'feed' | 'chat' | 'search' | 'direct' | 'external' | 'unknown' | null
}

/** Somebody wrote below a content. */
export interface Comment {
  /** Always comment; may be left out where the topic says it. */
  readonly kind?: 'comment' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account whose numbers the event moves. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** What was written. */
  readonly text: string
  /** The comment itself, so that replies can name it. */
  readonly commentId?: string | null
  /** The comment that this one answers. */
  readonly parentId?: string | null
}

/**
 * What one hour's number is worth, for one account, content and kind. The topic is compacted and keyed by
 * the text accountId|contentId|kind|hour, with nothing between the bars where there is no content.
 */
export interface Correction {
  /** The public account whose number it is. */
  readonly accountId: string
  /** The content whose number it is; null where the event had none. */
  readonly contentId?: string | null
  /** Which number is corrected. */
  readonly kind: 'subscription' | 'click' | 'forward' | 'comment'
  /** First moment of the hour: event time, in milliseconds since 1970. */
  readonly hour: number
  /** Events as they were counted. */
  readonly raw: number
  /** Events of an honest audience, the best estimate. */
  readonly authentic: number
  /** Events left out of the authentic count. */
  readonly disputed: number
  /** Where the true number of honest events begins, nine times in ten. */
  readonly low: number
  /** Where the true number of honest events ends, nine times in ten. */
  readonly high: number
  /** The verdicts on which the correction rests. */
  readonly verdictIds: readonly string[]
}

/**
 * A record that could not be read, as a replay writes it: one JSON object a line. In Kafka a dead letter
 * is the record's bytes untouched, with headers for the rest.
 */
export interface DeadLetter {
  /** Why it was put aside, in the words of the decoder's list. */
  readonly reason: string
  /** The file, or the topic and partition, that it came from. */
  readonly source: string
  /**
   * Where it stands there: the byte in a file of lines, the number of the record in an Avro file, the
   * offset in a topic.
   */
  readonly position: number
  /** The record in base64; of a record beyond the size limit only the beginning. */
  readonly bytes: string
}

/**
 * Any event, for a topic that carries several kinds: `kind` says which, and the fields of the other kinds
 * stay null. What a kind cannot do without in its own schema, it cannot do without here.
 */
export interface Event {
  /** Which kind of event this is. */
  readonly kind:
    | 'subscription'
    | 'click'
    | 'forward'
    | 'comment'
    | 'post'
    | 'impression'
    | 'account'
    | 'feedback'
    | 'policy'
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account whose numbers the event moves; for a post the author. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** For a subscription, required: whether the actor joined the audience or left it. */
  readonly action?: 'subscribe' | 'unsubscribe' | null
  /** For a subscription: where the subscriber found the account. */
  readonly source?:
    'search' | 'article' | 'qr-code' | 'advert' | 'recommendation' | 'import' | 'unknown' | null
  /** For a click: how long the visitor stayed with the content, in milliseconds. */
  readonly dwellMs?: number | null
  /** For a click: where the visitor came from. */
  readonly referrer?: 'feed' | 'chat' | 'search' | 'direct' | 'external' | 'unknown' | null
  /** For a forward: where the content was forwarded to. */
  readonly channel?: 'chat' | 'group' | 'timeline' | 'external' | null
  /**
   * For a comment and a post, required: the text. For a forward: what the actor wrote along with it. For a
   * policy, required: the whole of it as JSON.
   */
  readonly text?: string | null
  /** For a comment: the comment itself, so that replies can name it. */
  readonly commentId?: string | null
  /** For a comment: the comment that this one answers. */
  readonly parentId?: string | null
  /** For a post: the headline. */
  readonly title?: string | null
  /** For a post: addresses that it links to. */
  readonly links?: readonly string[] | null
  /** For a post: tags that the author set, without the leading sign. */
  readonly tags?: readonly string[] | null
  /** For a post: a hash of each picture, sound or video in it; equal media have equal hashes. */
  readonly mediaHashes?: readonly string[] | null
  /** For a post: whether the author claims to have made it. */
  readonly original?: boolean | null
  /** For an impression, required: how many times it was shown. */
  readonly count?: number | null
  /** For an account, required: what happened to it. */
  readonly activity?: 'registered' | 'login' | 'transferred' | 'renamed' | 'closed' | null
  /** For an account: the verified identity behind it, hashed by the platform. */
  readonly subjectId?: string | null
  /** For an account: the field that it publishes in, by a name of the platform's choice. */
  readonly category?: string | null
  /** For an account: the standing that the platform gives it, by a name of its choice. */
  readonly grade?: string | null
  /** For an account: the name that readers see. */
  readonly name?: string | null
  /**
   * For an account: an id shared by accounts that openly publish together; acting together is no offence
   * among them.
   */
  readonly declaredNetwork?: string | null
  /** For feedback, required: the verdict that was looked at. */
  readonly verdictId?: string | null
  /** For feedback, required: what the reviewer or the appeal came to. */
  readonly decision?: 'confirmed' | 'overturned' | null
  /** For a policy: who approved it beside whoever activates it. */
  readonly approvedBy?: readonly string[] | null
}

/** A reviewer or an appeal confirmed or overturned a verdict. */
export interface Feedback {
  /** Always feedback; may be left out where the topic says it. */
  readonly kind?: 'feedback' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** The reviewer, or the body that heard the appeal. */
  readonly actorId: string
  /** The public account that the verdict concerns. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** The verdict that was looked at. */
  readonly verdictId: string
  /** What the reviewer or the appeal came to: the verdict stands, or it was wrong. */
  readonly decision: 'confirmed' | 'overturned'
}

/** Somebody passed a content on. */
export interface Forward {
  /** Always forward; may be left out where the topic says it. */
  readonly kind?: 'forward' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account whose numbers the event moves. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** Where the content was forwarded to. */
  readonly channel?: 'chat' | 'group' | 'timeline' | 'external' | null
  /** What the actor wrote along with it. */
  readonly text?: string | null
}

/**
 * Contents of an account were shown. One record adds up many showings; without this topic, click-through
 * is judged from its own history.
 */
export interface Impression {
  /** Always impression; may be left out where the topic says it. */
  readonly kind?: 'impression' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** The feed or slot that showed it, or who saw it; never judged as a person. */
  readonly actorId: string
  /** The public account whose numbers the event moves. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** How many times it was shown. */
  readonly count: number
}

/** From here on another policy decides. Read only from the topic of policies. */
export interface Policy {
  /** Always policy; may be left out where the topic says it. */
  readonly kind?: 'policy' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who activates it. */
  readonly actorId: string
  /** The version of the policy, as the document names it. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** The whole policy as JSON, at most 65,535 bytes. */
  readonly text: string
  /**
   * Who approved it beside whoever activates it; two different people must be behind a policy that lets
   * accounts be closed.
   */
  readonly approvedBy?: readonly string[] | null
}

/** A public account published a content. */
export interface Post {
  /** Always post; may be left out where the topic says it. */
  readonly kind?: 'post' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account that published it: the author. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** The text of the post. */
  readonly text: string
  /** The headline. */
  readonly title?: string | null
  /** Addresses that the post links to. */
  readonly links?: readonly string[] | null
  /** Tags that the author set, without the leading sign. */
  readonly tags?: readonly string[] | null
  /** A hash of each picture, sound or video in it; equal media have equal hashes. */
  readonly mediaHashes?: readonly string[] | null
  /** Whether the author claims to have made it. */
  readonly original?: boolean | null
}

/**
 * Somebody subscribed to a public account or left it. An unsubscription is counted apart and does not
 * lower the subscriptions of its hour.
 */
export interface Subscription {
  /** Always subscription; may be left out where the topic says it. */
  readonly kind?: 'subscription' | null
  /** Unique to this event; a repeated one counts once. */
  readonly eventId: string
  /**
   * When it happened: event time. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such
   * as 2025-03-01T08:00:00Z.
   */
  readonly occurredAt: number
  /** Who did it. */
  readonly actorId: string
  /** The public account whose numbers the event moves. */
  readonly accountId: string
  /** The article, video or post that it is about. */
  readonly contentId?: string | null
  /** The device it was done on, by an id of the platform's choice. */
  readonly deviceId?: string | null
  /** The visit or login that it belongs to. */
  readonly sessionId?: string | null
  /** What the client said of itself. */
  readonly userAgent?: string | null
  /** Where the platform places the actor, by a code of its choice. */
  readonly region?: string | null
  /** The network address it came from, IPv4 or IPv6 as text. */
  readonly address?: string | null
  /**
   * When the actor registered. Milliseconds since 1970; JSON may also give ISO 8601 with an offset, such as
   * 2025-03-01T08:00:00Z.
   */
  readonly actorCreatedAt?: number | null
  /** Whether the actor joined the audience or left it. */
  readonly action: 'subscribe' | 'unsubscribe'
  /** Where the subscriber found the account. */
  readonly source?:
    'search' | 'article' | 'qr-code' | 'advert' | 'recommendation' | 'import' | 'unknown' | null
}

/**
 * What was found against one subject, how sure that is, on what evidence, and what is recommended. The
 * key of the record is accountId.
 */
export interface Verdict {
  /**
   * The same offence, subject and window give the same id on every run, so whoever reads it twice acts
   * once.
   */
  readonly verdictId: string
  /** 1, 2 and so on: of the revisions of one verdict, the highest is valid. */
  readonly revision: number
  /** What this revision did to the verdict. */
  readonly status: Status
  /** What was found. */
  readonly offence: Offence
  /** Whom or what the verdict is about. */
  readonly subject: Subject
  /** The public account concerned. */
  readonly accountId: string
  /** The part that the subject played. */
  readonly role: Role
  /**
   * The step that the evidence carries, from the mildest to the hardest; never above what the evidence of
   * control carries.
   */
  readonly recommendation: Recommendation
  /** Whether anybody is meant to act on it. */
  readonly mode: Mode
  /** Strength of the evidence, 0 to 1; for an inflated number, the share of it that is in dispute. */
  readonly score: number
  /** Chance of evidence like this, or stronger, under honest behaviour, 0 to 1. */
  readonly pValue: number
  /** Share of false verdicts among those at least as strong as this one, 0 to 1. */
  readonly qValue: number
  /** The span of event time that was judged. */
  readonly window: Window
  /** Event time of the decision, in milliseconds since 1970. */
  readonly detectedAt: number
  /** The numbers of the window. */
  readonly counts: Counts
  /** Those who acted together, where the evidence is about a cluster. */
  readonly cluster?: Cluster | null
  /** What has to be shown for the offence, one entry a legal element. */
  readonly elements: readonly Element[]
  /** What a person can check the verdict by. */
  readonly evidence: Evidence
  /** Facts that were tested and speak for the account, in sentences. */
  readonly exonerating: readonly string[]
  /** Name of the detector. */
  readonly detector: string
  /** Version of the detector, raised when the meaning of its score changes. */
  readonly detectorVersion: number
  /** Version of the policy that decided. */
  readonly policyVersion: string
  /** Rules and laws that the offence falls under, as the policy names them. */
  readonly statutes: readonly string[]
  /** When the recommendation ends by itself: event time, in milliseconds since 1970. */
  readonly expiresAt: number
}

/** What this revision did to the verdict. */
export const statuses = [
  // The offence was found.
  'raised',
  // It went on or came again, and the recommendation rose.
  'escalated',
  // It ended or expired; nothing is recommended any more.
  'cleared',
  // A review or an appeal found it wrong; the standing is given back.
  'overturned',
] as const
export type Status = (typeof statuses)[number]

/** What was found. */
export const offences = [
  // The subscriptions were moved by actors that are not an honest audience.
  'inflated-subscriptions',
  // The clicks were moved by actors that are not an honest audience.
  'inflated-clicks',
  // The forwards were moved by actors that are not an honest audience.
  'inflated-forwards',
  // The comments were moved by actors that are not an honest audience.
  'inflated-comments',
  // Clicks and impressions, or clicks and what follows a click, do not belong together.
  'manipulated-click-through',
  // Subscribers leave together.
  'abnormal-unsubscription',
  // Linked accounts publish near-copies in batches.
  'batch-homogeneous-posting',
  // Accounts under one control act together.
  'steered-accounts',
  // A tag, link or phrase rises mostly by accounts that act together.
  'false-hotspot',
  // Claimed original, but an older near-copy by somebody else exists.
  'forged-originality',
  // No login and no use for more than six months after registration.
  'dormant-account',
  // Operator, device, place and habits change together while the audience stays.
  'undeclared-transfer',
  // Many accounts come from one origin.
  'bulk-registration',
  // A closed account is back.
  'reincarnated-account',
] as const
export type Offence = (typeof offences)[number]

/** The part that the subject played. */
export const roles = [
  // Its numbers were moved, by whomever.
  'beneficiary',
  // It, or whoever controls it, did it.
  'operator',
  // It took part.
  'engager',
  // It published what was found.
  'author',
] as const
export type Role = (typeof roles)[number]

/**
 * The step that the evidence carries, from the mildest to the hardest; never above what the evidence of
 * control carries.
 */
export const recommendations = [
  // Look at it again; nothing changes.
  'watch',
  // Show the authentic count.
  'correct-count',
  // Tell the account.
  'warn',
  // Restrict its reach or its functions.
  'limit',
  // Stop it for a time.
  'suspend',
  // End it.
  'close',
] as const
export type Recommendation = (typeof recommendations)[number]

/** Whether anybody is meant to act on it. */
export const modes = [
  // The detector is on trial: the verdict is recorded and not acted on.
  'shadow',
  // The verdict counts.
  'live',
] as const
export type Mode = (typeof modes)[number]

/** An account, a content, an actor or a cluster. */
export interface Subject {
  /** What the id names. */
  readonly type: SubjectType
  /** The accountId, contentId, actorId or cluster id. */
  readonly id: string
}

/** What the id names. */
export const subjectTypes = [
  // A public account.
  'account',
  // An article, video or post.
  'content',
  // One who acts: a reader, subscriber or commenter.
  'actor',
  // Accounts or actors that ties hold together.
  'cluster',
] as const
export type SubjectType = (typeof subjectTypes)[number]

/** A span of event time, without its end. */
export interface Window {
  /** First moment of the span, in milliseconds since 1970. */
  readonly start: number
  /** First moment after the span, in milliseconds since 1970. */
  readonly end: number
}

/** How many events of the offence's kind fell into the window. */
export interface Counts {
  /** As they were counted. */
  readonly raw: number
  /** What an honest audience did. */
  readonly authentic: number
  /** What is left out of the authentic count. */
  readonly disputed: number
}

/** Accounts or actors that ties hold together. */
export interface Cluster {
  /** Stays the same while the cluster grows, shrinks or takes in another. */
  readonly id: string
  /** How many belong to it. */
  readonly size: number
  /** Their ids, at most 200. */
  readonly members: readonly string[]
  /**
   * How it came about and what happened to it until the decision, oldest first, at most 24 events; null of
   * a group that no ties hold together.
   */
  readonly history?: readonly ClusterEvent[] | null
}

/** Something that happened to a cluster. */
export interface ClusterEvent {
  /** When, as event time in ms since 1970. */
  readonly at: number
  /** What happened. */
  readonly change: ClusterEventKind
  /** How many belonged to it since then; of one that ended, how many had. */
  readonly size: number
  /** The id of the other cluster, where one took part. */
  readonly other?: string | null
}

/** What happened. */
export const clusterEventKinds = [
  // It came about.
  'born',
  // It came about as a part of the other one.
  'split-from',
  // It gained members; within an hour this is told once.
  'grown',
  // It lost members; within an hour this is told once.
  'shrunk',
  // The other one became a part of it.
  'absorbed',
  // A part of it became the other one.
  'split',
  // It became a part of the other one, and is no more.
  'merged-into',
  // Nothing holds it together any more.
  'died',
] as const
export type ClusterEventKind = (typeof clusterEventKinds)[number]

/** One legal element and the test that it passed. */
export interface Element {
  /** What has to be shown. */
  readonly element: string
  /** How it was tested. */
  readonly test: string
  /** What was measured. */
  readonly observed: number
  /** What honest behaviour gives. */
  readonly expected: number
  /** Chance of the observed value under honest behaviour, 0 to 1. */
  readonly pValue: number
  /** The same for a person to read. */
  readonly sentence: string
}

/** Samples of what was judged, and where all of it is. */
export interface Evidence {
  /** Events of the subject, at most 20. */
  readonly eventIds: readonly string[]
  /** Texts that were compared or repeated, at most 3. */
  readonly texts: readonly string[]
  /** Where in the logs the judged records stand. */
  readonly positions: readonly LogSpan[]
}

/** Records of one log partition, one after the other. */
export interface LogSpan {
  /** Name of the log; on Kafka, the topic behind the prefix. */
  readonly log: string
  /** Number of the partition. */
  readonly partition: number
  /** Position of the first record. */
  readonly from: number
  /** Position of the last record, included. */
  readonly to: number
}
