// The setting of channels that take the picture of the last hour. Read by the folders in channels/.
import { z } from 'zod'

export const pictures = z
  .boolean()
  .prefault(true)
  .describe('Whether the picture of the last hour goes along; `pictures` of the configuration outranks it.')
