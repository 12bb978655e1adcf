import type { KeyObject } from 'node:crypto'
import { NamePage } from './name-pages'
import { namesOf, pseudonymOf, weekMs } from './vault'
import type { NamesFile, NamesWriter, Vault } from './vault'

/** What rewriting a vault came to. */
export interface Rewritten {
  readonly files: number
  /** Names that were kept, and that were left out; one that was sealed twice counts twice. */
  readonly kept: number
  readonly leftOut: number
}

/**
 * Erases names: from then on nothing tells whom a pseudonym stood for. Everything else in the vault is sealed anew and
 * every old data key destroyed, so that copies of the old files tell nothing either. Names that come again with events
 * up to `untilMs` are not taken. Resolves with how many of the ids there were.
 */
export async function eraseNames(
  vault: Vault,
  {
    ids,
    untilMs,
    privateKeys,
  }: { ids: ReadonlySet<string>; untilMs: number; privateKeys: readonly KeyObject[] },
): Promise<Rewritten & { readonly found: number }> {
  const found = new Set<string>()
  const pseudonyms = new Set<string>()
  for await (const name of allNames(vault, privateKeys)) {
    const id = decoder.decode(name.id)
    if (!ids.has(id)) continue
    found.add(id)
    pseudonyms.add(pseudonymOf(name))
  }
  if (found.size === 0) return { files: 0, kept: 0, leftOut: 0, found: 0 }
  // First, so that nobody who is writing now brings them back.
  await vault.noteErased(pseudonyms, untilMs)
  return { ...(await rewriteVault(vault, { privateKeys, leaveOut: pseudonyms })), found: found.size }
}

/** Seals all names anew under new data keys, for the recipient that the vault has now, and destroys the old ones. */
export async function rewriteVault(
  vault: Vault,
  {
    privateKeys,
    leaveOut = new Set(),
  }: { readonly privateKeys: readonly KeyObject[]; readonly leaveOut?: ReadonlySet<string> },
): Promise<Rewritten> {
  const byWeek = new Map<number, NamesFile[]>()
  const files = await vault.files()
  // Nothing is changed unless everything can be opened.
  for (const file of files) vault.dataKeyOf(file, privateKeys)
  for (const file of files) byWeek.set(file.weekMs, [...(byWeek.get(file.weekMs) ?? []), file])
  let [kept, leftOut] = [0, 0]
  for (const [week, old] of byWeek) {
    const writer = await vault.begin(week)
    const page = new NamePage()
    const aside: NamesFile[] = []
    for (const file of old) aside.push(await vault.setAside(file))
    for (const file of aside) {
      const dataKey = vault.dataKeyOf(file, privateKeys)
      if (dataKey === undefined) continue
      for await (const name of namesOf(file.path, dataKey)) {
        if (leaveOut.has(pseudonymOf(name))) {
          leftOut++
          continue
        }
        kept++
        page.add(name.high, name.low, name.id, 0, name.id.length)
        if (page.byteLength >= pageBytes) await put(writer, page)
      }
    }
    await put(writer, page)
    await writer.close()
    for (const file of aside) await vault.destroy(file)
  }
  return { files: files.length, kept, leftOut }
}

/** Destroys the keys and files of the weeks whose last event is older; gives how many files there were. */
export async function expireNames(
  vault: Vault,
  { beforeMs }: { readonly beforeMs: number },
): Promise<number> {
  const old = (await vault.files()).filter((file) => file.weekMs + weekMs <= beforeMs)
  for (const file of old) await vault.destroy(file)
  return old.length
}

/** All names that can still be opened; one may come several times. */
export async function* allNames(vault: Vault, privateKeys: readonly KeyObject[]) {
  for (const file of await vault.files()) {
    const dataKey = vault.dataKeyOf(file, privateKeys)
    if (dataKey !== undefined) yield* namesOf(file.path, dataKey)
  }
}

async function put(writer: NamesWriter, page: NamePage): Promise<void> {
  if (page.byteLength > 0) await writer.append(page)
  page.clear()
}

const decoder = new TextDecoder()
const pageBytes = 1 << 20
