import { ActBuilder, actFamilyCode, halvesOf, nodeIdOf } from '../../model/acts'
import type { NodeId } from '../../model/acts'
import { noContent, eventIdOf } from '../../model/block'
import type { Block } from '../../model/block'
import { actorIdOf, detailCode, detailOf, DetailReader } from '../../model/details'
import { kindCode } from '../../model/event'
import { KeyedHash, signed } from '../../model/hash'
import type { Ruling } from '../../model/ruling'
import type { NearMiss } from '../../model/nearest'
import type { Policy } from '../../policy/policy'
import { PolicyInForce } from '../../policy/policy-in-force'
import type { PolicySeen } from '../../policy/policy-seen'
import type { Emit, View } from '../../runtime/view'
import { Generations } from '../../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { TextFold } from '../../text/fold'
import { NearCopies, nearCopiesOptions } from '../../text/near-copies'
import type { Placement } from '../../text/near-copies'
import { EpochBuffer, rulingsIn } from '../../windows/epochs'
import type { Epoch } from '../../windows/epochs'
import { isJudged } from '../account/event-traits'
import { AccountUses } from './account-uses'
import { namesACredit } from './credit'
import { nearestOf } from './nearest'
import { ObjectSample } from './object-sample'

export interface TraceViewOptions {
  /** The secret of all hashes. */
  readonly key: Uint8Array
  readonly policy: Policy
}

/**
 * Turns events into acts on objects: who did something to which content, wrote which text, set which link, picture or
 * tag. Near-copies of a text are one object. Popular objects are thinned to a coordinated sample, so that what follows
 * has bounded cost. Keyed by object.
 *
 * What happens seldom (something about an account itself, a claim of originality over an older near-copy) goes on as a
 * note: who runs an account at last, and who has registered one and never used it, among others.
 */
export class TraceView implements View {
  readonly name = 'trace'
  private readonly epochs: EpochBuffer
  private readonly sample = new ObjectSample()
  private readonly copies: NearCopies
  private readonly generations = {
    /** Who publishes for which account, so that only news of it is told. */
    operators: new Generations({ stride: 2, spanMs: 30 * dayMs, cap: 1_000_000 }),
    /** What a loose copy counts as: the first of all that it leads back to. */
    themes: new Generations({ stride: 4, spanMs: dayMs, cap: 200_000 }),
    /** Short comments of the last day or two. */
    phrases: new Generations({ stride: 2, spanMs: dayMs, cap: 500_000 }),
  }
  /** The settings of detectors only answer questions, so that nothing that is done depends on them. */
  private readonly policy: PolicyInForce<PolicySeen<'trace'> & Pick<Policy, 'detectors'>>
  /** Of the latest contents that have tags, the first one: what a content is about. */
  private readonly topics = new Map<number, { high: number; low: number; name: Uint8Array }>()
  private readonly folded = new TextFold()
  private readonly hash: KeyedHash
  private readonly detail = new DetailReader()
  private readonly out = new ActBuilder()
  private readonly uses = new AccountUses(this.out.notes)
  private sequence = 0
  private readonly counts = { acts: 0, credited: 0, topicsForgotten: 0 }

  constructor({ key, policy }: TraceViewOptions) {
    this.policy = new PolicyInForce(policy)
    this.epochs = new EpochBuffer(policy.epochMs)
    this.hash = new KeyedHash(key)
    this.copies = new NearCopies({ ...nearCopiesOptions, minCoverage: never, byteCap: copyBytesCap, key })
  }

  fold(record: Uint8Array, emit: Emit): void {
    this.epochs.add(record)
    this.epochs.close((epoch) => {
      this.trace(epoch, emit)
    })
    if (this.epochs.hasEnded) this.send(Number.POSITIVE_INFINITY, emit)
  }

  /**
   * How near an account is to a finding about its use or its operator. Undefined when nothing of the sort is known of it.
   * Who knows the account from elsewhere may say what its pseudonym is and when its transfer was declared.
   */
  nearest(
    accountId: string,
    { node, transferDeclaredMs }: AccountElsewhere = {},
  ): readonly NearMiss[] | undefined {
    const nowMs = this.asOfMs
    if (nowMs === null) return undefined
    const { high, low } = node === undefined ? this.pseudonymOf(accountId) : halvesOf(node)
    return nearestOf({
      ...{ accountId, nowMs, transferDeclaredMs, detectors: this.policy.current.detectors },
      ...this.uses.of(high, low, nowMs),
    })
  }

  /** Event time up to which it has traced; null before the first epoch. */
  get asOfMs(): number | null {
    return this.epochs.asOfMs
  }

  get stats(): TraceViewStats {
    const { sample, copies, uses } = this
    const tables = [sample, copies, uses, ...Object.values(this.generations)]
    return {
      ...this.counts,
      thinned: sample.thinned,
      repeated: sample.repeated,
      templates: copies.size,
      unused: uses.unusedCount,
      evicted: tables.reduce((sum, table) => sum + table.evicted, this.counts.topicsForgotten),
      bytes: tables.reduce((sum, table) => sum + table.byteLength, 0),
    }
  }

  save(out: SnapshotWriter): void {
    this.epochs.save(out, 'epochs')
    this.sample.save(out, 'sample')
    this.copies.save(out, 'copies')
    this.uses.save(out)
    this.policy.save(out)
    for (const [name, table] of Object.entries(this.generations)) table.save(out, name)
    const topics = [...this.topics].map(([key, { high, low, name }]) => [
      key,
      high,
      low,
      textDecoder.decode(name),
    ])
    const { newcomersForgotten } = this.uses
    out.value('trace', { sequence: this.sequence, counts: { ...this.counts, newcomersForgotten }, topics })
  }

  load(from: SnapshotReader): void {
    this.epochs.load(from, 'epochs')
    this.sample.load(from, 'sample')
    this.copies.load(from, 'copies')
    this.uses.load(from)
    this.policy.load(from)
    for (const [name, table] of Object.entries(this.generations)) table.load(from, name)
    const saved = from.value<{
      sequence: number
      counts: TraceView['counts'] & { newcomersForgotten: number }
      topics: [key: number, high: number, low: number, name: string][]
    }>('trace')
    for (const [key, high, low, name] of saved.topics) {
      this.topics.set(key, { high, low, name: textEncoder.encode(name) })
    }
    this.sequence = saved.sequence
    const { newcomersForgotten, ...counts } = saved.counts
    this.uses.newcomersForgotten = newcomersForgotten
    Object.assign(this.counts, counts)
  }

  private pseudonymOf(id: string): { high: number; low: number } {
    const bytes = textEncoder.encode(id)
    this.hash.update(bytes, 0, bytes.length)
    return this.hash
  }

  private trace(epoch: Epoch, emit: Emit): void {
    if (epoch.begins) this.begin(epoch)
    for (let i = 0; i < epoch.rows; i++) {
      const block = epoch.blocks[epoch.block[i]!]!
      const row = epoch.row[i]!
      const kind = block.kind[row]!
      if (kind <= comment) this.traceDeed(block, row, kind)
      else if (kind === post) this.tracePost(block, row)
      else if (kind === account) this.uses.note(block, row, this.policy.current.exemptCategories)
      if (this.out.rows > rowsPerRecord) this.send(noEnd, emit)
    }
    if (epoch.ends) this.send(epoch.endMs, emit)
    // Nothing waits between two stretches, so that a snapshot need not hold it.
    else if (this.out.rows + this.out.notes.length > 0) this.send(noEnd, emit)
  }

  /** Does what belongs to the start of an epoch. */
  private begin(epoch: Epoch): void {
    const { startMs } = epoch
    this.sample.advance(startMs)
    this.copies.advance(startMs)
    for (const table of Object.values(this.generations)) table.advance(startMs)
    this.uses.advance(startMs)
    for (const ruling of rulingsIn(epoch)) this.rule(ruling, epoch)
  }

  /** What a reader's act is on: most events are one, and so one object serves all. */
  private readonly deed = { family: 0, high: 0, low: 0, owner: 0, isAccount: false }

  /** Something that a reader did: an act on the content, or on the account where there is none. */
  private traceDeed(block: Block, row: number, kind: number): void {
    if (!isJudged(block, row)) return
    const owner = block.account[row]!
    this.uses.read(block, row)
    const content = block.content[row]!
    const isOfContent = content !== noContent && kind !== subscription
    const names = isOfContent ? block.contents : block.accounts
    const name = isOfContent ? content : owner
    const { deed } = this
    deed.family = kind
    deed.high = signed(names.hashHigh[name]!)
    deed.low = signed(names.hashLow[name]!)
    deed.owner = signed(block.accounts.hashLow[owner]!)
    this.actOn(block, row, deed)
    if (kind === comment) this.traceComment(block, row)
    if (isOfContent && kind >= forward) this.traceTopic(block, row)
  }

  /**
   * Short comments are one text when their letters are the same, which the hash in the block tells; only longer ones are
   * worth the search for what is nearly the same.
   */
  private traceComment(block: Block, row: number): void {
    const letters = block.textLength[row]!
    if (letters < leastLetters) return
    if (letters >= leastSearched) {
      this.traceText(block, row, false)
      return
    }
    const text = block.text[row]!
    this.generations.phrases.touch(text, letters)
    if (this.generations.phrases.isNew) return
    this.actOn(block, row, { family: comment, high: text, low: letters, owner: text, isAccount: false })
  }

  /** Whoever forwards a post, or comments on it, makes its topic rise: the first of its tags. */
  private traceTopic(block: Block, row: number): void {
    const content = block.content[row]!
    const topic = this.topics.get(
      topicKey(block.contents.hashHigh[content]!, block.contents.hashLow[content]!),
    )
    if (topic === undefined) return
    const { high, low, name } = topic
    const object = { family: topicFamily, high, low, owner: low, isAccount: false }
    this.actOn(block, row, object, { bytes: name, start: 0, end: name.length })
  }

  private noteTopic(block: Block, row: number): void {
    const content = block.content[row]!
    if (content === noContent || !this.detail.find(block, row, tagDetail)) return
    const { bytes, start, end } = this.detail
    this.hash.update(bytes, start, end)
    const { high, low } = this.hash
    const key = topicKey(block.contents.hashHigh[content]!, block.contents.hashLow[content]!)
    this.topics.set(key, { high, low, name: bytes.slice(start, end) })
    if (this.topics.size <= mostTopics) return
    const [oldest] = this.topics.keys()
    this.topics.delete(oldest!)
    this.counts.topicsForgotten++
  }

  private tracePost(block: Block, row: number): void {
    this.noteOperator(block, row)
    this.uses.use(block, row, 'post')
    this.noteTopic(block, row)
    const whose = this.traceText(block, row, true)
    // Whoever says whose text it is brings its links and pictures along; they are not his either.
    if (whose === 'credited') return
    // What stands in one post is one thing that two accounts share, however many links and tags it has.
    const owner = block.idLow[row]!
    const reader = this.detail.open(block, row)
    while (reader.next()) {
      const family = objectFamilies[reader.code]!
      if (family < 0) continue
      const { bytes, start, end } = reader
      this.hash.update(bytes, start, end)
      const { high, low } = this.hash
      const name = reader.code === mediaDetail ? noName : { bytes, start, end }
      // What comes with a copied text is of that copy: two who print one report have its picture in common as well.
      if (whose === 'own') this.actOn(block, row, { family, high, low, owner, isAccount: true }, name)
      if (family === tagFamily) {
        this.actOn(block, row, { family: topicFamily, high, low, owner: low, isAccount: true }, name)
      }
    }
  }

  /**
   * A text is an act on its template: the first comment of its kind is none yet, since most texts stay the only one. Tells
   * of a post whether its text is somebody else's, and says so.
   */
  private traceText(block: Block, row: number, isPost: boolean): 'own' | 'copied' | 'credited' {
    const found = this.detail.find(block, row, textDetail)
    if (!found) return 'own'
    const { bytes, start, end } = this.detail
    this.folded.fold(bytes, start, end)
    const node = this.nodeOf(block, row, isPost)
    // Of a comment only its template counts.
    const placed = this.copies.see(this.folded, node.low, block.timeMs[row]!, { needsNearest: isPost })
    if (placed.isStock || (placed.isNew && !isPost)) return 'own'
    const { likeness, coverage, nearAuthor, nearMs, templateHigh, templateLow } = placed
    const theme = this.themeOf(placed)
    const isCopy = isPost && Math.max(likeness, coverage) >= leastCopied
    if (isCopy) {
      const claimsOriginal = this.detail.find(block, row, originalDetail)
      const isOfOfficial = this.uses.isOfficial(nearAuthor)
      if (!claimsOriginal && (isOfOfficial || this.isCredited(block, row))) {
        this.counts.credited++
        this.noteCredit(block, row, theme, isOfOfficial)
        return 'credited'
      }
      const letters = this.folded.characters
      if (claimsOriginal && nearAuthor !== node.low && letters >= leastCopiedLetters) {
        this.noteCopy(block, row, { likeness, coverage, letters, olderMs: nearMs, olderAuthor: nearAuthor })
      }
    }
    const text = { bytes, start, end: wholeLettersEnd(bytes, end, start + longestName) }
    // Readers chant the same words together; of them, a text is one more thing to meet on.
    const family = isPost ? textFamily : comment
    const whole = { family, high: templateHigh, low: templateLow, owner: templateLow, isAccount: isPost }
    this.actOn(block, row, whole, isPost ? text : noName)
    if (isPost) {
      const { high, low } = theme
      this.actOn(block, row, { family: passageFamily, high, low, owner: low, isAccount: true }, text)
    }
    return isCopy && nearAuthor !== node.low ? 'copied' : 'own'
  }

  private readonly theme = { high: 0, low: 0 }

  /**
   * The object that a text is an act on: its template, and of one that shares at least some passages with an older
   * template, which may be a spun copy or a long quotation, what that one counts as. One such likeness says little; that
   * the same two accounts share many of them is what the crew view asks for.
   */
  private themeOf(placed: Placement): { high: number; low: number } {
    const { theme } = this
    const { themes } = this.generations
    theme.high = placed.templateHigh
    theme.low = placed.templateLow
    // One stretch in common is a quotation, a task that is set, a form; many are the work of whoever spins.
    const isLoose =
      placed.isNew && placed.coverage >= leastCoverage && placed.stretch <= 0.5 * placed.coverage
    if (isLoose) {
      theme.high = placed.nearHigh
      theme.low = placed.nearLow
    }
    const root = themes.find(theme.high, theme.low)
    if (root >= 0) {
      theme.high = themes.young.words[root + 2]!
      theme.low = themes.young.words[root + 3]!
    }
    if (isLoose) {
      const at = themes.touch(placed.templateHigh, placed.templateLow)
      themes.young.words[at + 2] = theme.high
      themes.young.words[at + 3] = theme.low
    }
    return theme
  }

  private isCredited(block: Block, row: number): boolean {
    for (const code of [textDetail, titleDetail]) {
      if (this.detail.find(block, row, code) && namesACredit(this.detail.text())) return true
    }
    return false
  }

  /** Tells of an act, unless the object has enough of them. */
  private actOn(
    block: Block,
    row: number,
    object: { family: number; high: number; low: number; owner: number; isAccount: boolean },
    name: { bytes: Uint8Array; start: number; end: number } = noName,
  ): void {
    const { family, high, low, owner, isAccount } = object
    const { sample, out } = this
    const node = this.nodeOf(block, row, isAccount)
    const timeMs = block.timeMs[row]!
    if (!sample.keeps(family, signed(high), signed(low), signed(node.high), signed(node.low), timeMs)) return
    this.counts.acts++
    const act = out.rows++
    const { columns } = out
    columns.timeMs[act] = timeMs
    columns.owner[act] = owner
    columns.popularity[act] = sample.others
    columns.device[act] = block.device[row]!
    columns.network[act] = block.network[row]!
    columns.family[act] = family
    columns.isAccount[act] = Number(isAccount)
    columns.object[act] = out.objects.add(high, low, name.bytes, name.start, name.end)
    if (isAccount) {
      columns.actor[act] = out.actors.copy(block.accounts, block.account[row]!)
    } else {
      const found = this.detail.find(block, row, actorDetail)
      const { bytes, start, end } = found ? this.detail : noName
      columns.actor[act] = out.actors.add(node.high, node.low, bytes, start, end)
    }
  }

  private readonly node = { high: 0, low: 0 }

  /** Who acts: the reader, or of what is published the account. */
  private nodeOf(block: Block, row: number, isAccount: boolean): { high: number; low: number } {
    const { node } = this
    const named = block.account[row]!
    node.high = isAccount ? block.accounts.hashHigh[named]! : block.actorHigh[row]!
    node.low = isAccount ? block.accounts.hashLow[named]! : block.actorLow[row]!
    return node
  }

  private noteOperator(block: Block, row: number): void {
    const named = block.account[row]!
    const high = block.accounts.hashHigh[named]!
    const low = block.accounts.hashLow[named]!
    const actorHigh = block.actorHigh[row]!
    const actorLow = block.actorLow[row]!
    this.generations.operators.touch(
      (high ^ Math.imul(actorHigh, 31)) >>> 0,
      (low ^ Math.imul(actorLow, 31)) >>> 0,
    )
    if (!this.generations.operators.isNew) return
    this.out.notes.push({
      type: 'operator',
      actor: nodeIdOf(actorHigh, actorLow),
      actorId: actorIdOf(block, row),
      account: nodeIdOf(high, low),
      accountId: block.accounts.text(named),
    })
  }

  private rule(ruling: Ruling, { startMs }: Epoch): void {
    if (ruling.type === 'policy') {
      const { document } = ruling
      this.policy.apply({ document })
      this.out.notes.push({ type: 'policy', document })
    } else if (ruling.decision === 'overturned') {
      const { accountId, verdictId } = ruling
      this.out.notes.push({ type: 'overturned', accountId, verdictId, timeMs: startMs })
    }
  }

  private noteCredit(
    block: Block,
    row: number,
    template: { high: number; low: number },
    isOfOfficial: boolean,
  ): void {
    const named = block.account[row]!
    this.out.notes.push({
      type: 'credit',
      accountId: block.accounts.text(named),
      template: nodeIdOf(template.high, template.low),
      timeMs: block.timeMs[row]!,
      ...(isOfOfficial ? { isOfOfficial } : {}),
    })
  }

  private noteCopy(
    block: Block,
    row: number,
    match: { likeness: number; coverage: number; letters: number; olderMs: number; olderAuthor: number },
  ): void {
    const named = block.account[row]!
    const content = block.content[row]!
    this.out.notes.push({
      type: 'copy',
      node: nodeIdOf(block.accounts.hashHigh[named]!, block.accounts.hashLow[named]!),
      accountId: block.accounts.text(named),
      contentId: content === noContent ? '' : block.contents.text(content),
      eventId: eventIdOf(block, row),
      timeMs: block.timeMs[row]!,
      text: beginningOf(detailOf(block, row, 'text') ?? ''),
      ...match,
    })
  }

  /** Only the last record of an epoch has its end. */
  private send(endMs: number, emit: Emit): void {
    emit(0, this.out.pack({ sequence: ++this.sequence, endMs }))
  }
}

interface AccountElsewhere {
  readonly node?: NodeId
  readonly transferDeclaredMs?: number | undefined
}

export interface TraceViewStats {
  /** Acts that went on, acts of thinned objects and repeated ones that did not. */
  readonly acts: number
  readonly thinned: number
  readonly repeated: number
  /** Posts that credit the one they copy, or copy an official notice. */
  readonly credited: number
  readonly templates: number
  /** Accounts that registered and that nobody has used. */
  readonly unused: number
  readonly evicted: number
  readonly bytes: number
}

const dayMs = 86_400_000
const rowsPerRecord = 4096
/** What acts have whose epoch goes on. */
const noEnd = Number.NEGATIVE_INFINITY
const copyBytesCap = 90_000_000
/** Common passages alone make no near-copy here: they are acts of a family of their own. */
const never = Number.POSITIVE_INFINITY
/** Likeness or covered share from which a post is a copy of another, which it may credit. */
const leastCopied = 0.3
/** Shorter comments are stock phrases in any case, and are not even looked at. */
const leastLetters = 8
/** Letters from which a comment has enough of its own to be copied with changes. */
const leastSearched = 24
/** Letters from which a post is a work of its own, which somebody can steal. */
const leastCopiedLetters = 60
/** Covered share below which two long texts have in common what any two have. */
const leastCoverage = 0.05
const longestName = 400
const mostTopics = 50_000
/** So many letters of a text, and none of them cut in two: half a pair of surrogates is no JSON to many who read it. */
function beginningOf(text: string): string {
  return Array.from(text).slice(0, longestQuote).join('')
}

/** The end of UTF-8 bytes, or an earlier one that is at most `most` and cuts no letter in two. */
function wholeLettersEnd(bytes: Uint8Array, end: number, most: number): number {
  if (end <= most) return end
  while (isInsideLetter(bytes[most]!)) most--
  return most
}

function isInsideLetter(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

const longestQuote = 280
const noName = { bytes: new Uint8Array(0), start: 0, end: 0 }

const subscription = kindCode('subscription')
const comment = kindCode('comment')
const post = kindCode('post')
const account = kindCode('account')
const textFamily = actFamilyCode('text')
const passageFamily = actFamilyCode('passage')
const tagFamily = actFamilyCode('tag')
const topicFamily = actFamilyCode('topic')
const forward = kindCode('forward')
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
const actorDetail = detailCode('actor')
const textDetail = detailCode('text')
const tagDetail = detailCode('tag')
const titleDetail = detailCode('title')
const originalDetail = detailCode('original')
const mediaDetail = detailCode('media')
/** By the code of a detail: the family of acts that it makes, or -1. */
const objectFamilies = new Int8Array(256).fill(-1)
objectFamilies[detailCode('link')] = actFamilyCode('link')
objectFamilies[detailCode('media')] = actFamilyCode('link')
objectFamilies[detailCode('tag')] = actFamilyCode('tag')

/** Fifty-three of the bits of a 64-bit hash: enough to tell contents apart. */
function topicKey(high: number, low: number): number {
  return high * 2 ** 21 + (low >>> 11)
}
