// `plimsoll capacity correct`: as its row in the table says. Called by run.ts.
import { actCommand } from '../request-act.ts'

export const command = actCommand('correct')
