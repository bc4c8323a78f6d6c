// A receiver without integrations is how Alertmanager's users say that nobody is to be told. So is one that the
// configuration lacks, which its reader does not let pass.
import type { Stage } from '../stage.ts'

export const nobody: Stage = ({ group }, { rules }) => {
  const { integrations } = rules.receivers.get(group.receiver) ?? { integrations: [] }
  return integrations.length === 0 ? [group.receiver] : undefined
}
