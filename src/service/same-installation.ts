import { createHash } from 'node:crypto'
import { SettingsError } from '../model/errors'
import { otherVersion, stateFormat } from '../model/formats'
import type { Policy } from '../policy/policy'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { newestWhole } from '../store/checkpoint-store'
import type { CheckpointStore } from '../store/checkpoint-store'

/**
 * Makes sure that the state which is there was made under the same key: under another one every actor would be a stranger.
 * Another policy is no fault, but it is told, since all instances must have the same.
 */
export async function checkInstallation(
  checkpoints: CheckpointStore,
  {
    key,
    policy,
    isSealed = false,
  }: { readonly key: Uint8Array; readonly policy: Policy; readonly isSealed?: boolean },
  tell: (sentence: string) => void,
): Promise<void> {
  const { checkpoint } = await newestWhole(checkpoints, name)
  const known =
    checkpoint === undefined ? undefined : new SnapshotReader(checkpoint.parts).value<Belonging>(name)
  // State of before it was written down does not say.
  const format = known?.format ?? stateFormat
  if (known !== undefined && format !== stateFormat) {
    throw otherVersion('a state of', { found: format, expected: stateFormat })
  }
  const now: Belonging = {
    format: stateFormat,
    key: digestOf('key', key),
    policy: digestOf('policy', Buffer.from(JSON.stringify(policy))),
    ...(isSealed ? { isSealed } : {}),
  }
  if (known !== undefined && (known.isSealed ?? false) !== isSealed) {
    throw new SettingsError(
      `the state was made ${isSealed ? 'without' : 'with'} a vault; ${isSealed ? 'leave vaultFolder (ASSAY_VAULT_FOLDER) out' : 'name it as vaultFolder (ASSAY_VAULT_FOLDER)'}, ` +
        'or begin anew with another state and another kafka.topicPrefix',
    )
  }
  if (known?.key === now.key && known.policy === now.policy && known.format === now.format) return
  if (known !== undefined && known.key !== now.key) {
    throw new SettingsError(
      'the state was made under another key (keyFile, ASSAY_KEY_FILE); give every instance the same one, or begin anew ' +
        'with another state and another kafka.topicPrefix',
    )
  }
  if (known !== undefined && known.policy !== now.policy) {
    tell('the policy is another one than before: from here on it decides; give all instances the same')
  }
  const snapshot = new SnapshotWriter()
  snapshot.value(name, now)
  await checkpoints.save(name, { sequence: (checkpoint?.sequence ?? 0) + 1, parts: snapshot.parts() })
}

/** What a state was made with, as digests: neither can be told from them. */
interface Belonging {
  readonly format?: number
  readonly key: string
  readonly policy: string
  /** Whether ids of persons were sealed in a vault. */
  readonly isSealed?: boolean
}

function digestOf(what: string, bytes: Uint8Array): string {
  return createHash('sha256').update(`assay ${what}`).update(bytes).digest('hex')
}

const name = 'installation'
