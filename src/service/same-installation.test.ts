import { defaultPolicy, parsePolicy } from '../policy/policy'
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
