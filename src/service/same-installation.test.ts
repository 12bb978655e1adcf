import { defaultPolicy, parsePolicy } from '../policy/policy'
import { FormatError } from '../model/errors'
import { stateFormat } from '../model/formats'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { newestWhole } from '../store/checkpoint-store'
import { MemoryCheckpointStore } from '../store/memory-checkpoint-store'
import { checkInstallation } from './same-installation'

const key = new Uint8Array(32)
const same = { key, policy: defaultPolicy }

it('takes the key and the policy that the state was made with', async () => {
  const checkpoints = new MemoryCheckpointStore()
  const told: string[] = []
  for (let start = 0; start < 3; start++) {
    await checkInstallation(checkpoints, same, (sentence) => told.push(sentence))
  }
  expect(told).toEqual([])
  expect(await checkpoints.list('installation')).toHaveLength(1)
})

it('refuses another key, and tells of another policy once', async () => {
  const checkpoints = new MemoryCheckpointStore()
  const told: string[] = []
  const check = (installation: typeof same): Promise<void> =>
    checkInstallation(checkpoints, installation, (sentence) => told.push(sentence))
  await check(same)
  await expect(check({ ...same, key: new Uint8Array(32).fill(1) })).rejects.toThrow('made under another key')
  const policy = parsePolicy({ allowedDisorderMs: 1_000 })
  await check({ key, policy })
  await check({ key, policy })
  expect(told).toEqual([expect.stringContaining('the policy is another one than before')])
})

it('refuses to go on with a vault where there was none, and without where there was one', async () => {
  const tell = (): void => undefined
  const [named, sealed] = [new MemoryCheckpointStore(), new MemoryCheckpointStore()]
  await checkInstallation(named, same, tell)
  await checkInstallation(sealed, { ...same, isSealed: true }, tell)
  await checkInstallation(sealed, { ...same, isSealed: true }, tell)
  await expect(checkInstallation(named, { ...same, isSealed: true }, tell)).rejects.toThrow(
    'made without a vault',
  )
  await expect(checkInstallation(sealed, same, tell)).rejects.toThrow(
    'made with a vault; name it as vaultFolder',
  )
})

it('refuses state of another format, older or newer, and takes that of before formats were kept', async () => {
  const told: string[] = []
  const checkOver = async (format: number | undefined): Promise<void> => {
    const checkpoints = new MemoryCheckpointStore()
    await checkInstallation(checkpoints, same, (sentence) => told.push(sentence))
    const { checkpoint } = await newestWhole(checkpoints, 'installation')
    const before = new SnapshotReader(checkpoint!.parts).value<object>('installation')
    const other = new SnapshotWriter()
    other.value('installation', { ...before, format })
    await checkpoints.save('installation', { sequence: checkpoint!.sequence + 1, parts: other.parts() })
    await checkInstallation(checkpoints, same, (sentence) => told.push(sentence))
  }
  await expect(checkOver(stateFormat + 1)).rejects.toThrow(
    /a state of version \d+ was expected, got \d+: a newer assay has written it/,
  )
  await expect(checkOver(stateFormat - 1)).rejects.toThrow(FormatError)
  await checkOver(undefined)
  expect(told).toEqual([])
})
