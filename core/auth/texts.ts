// What the pages of the door say, in each language. Called by pages.ts.
import type { Language } from '../http/language.ts'
import { passwordMin } from './password.ts'

const en = {
  login: 'Log in',
  name: 'Name',
  password: 'Password',
  passwordAgain: 'Password, once more',
  refused: 'Name and password do not belong together.',
  tooMany: (seconds: number) => `Too many attempts. Try again in ${seconds} s.`,
  forgotten: 'Forgotten? On the machine itself, `plimsoll user password NAME` gives you a new one.',
  nobodyYet:
    'There is no user yet. The link that makes the administrator was printed when the service started; a new start prints a new one.',
  welcome: 'Welcome aboard',
  welcomeWhy: 'This link makes the first administrator of this Plimsoll. It works once.',
  passwordHint: `At least ${passwordMin} characters. A sentence is easier to keep than signs.`,
  create: 'Make the administrator',
  badName: 'The name needs 1 to 64 visible characters.',
  badPassword: `The password needs at least ${passwordMin} characters, and at most 256.`,
  notTheSame: 'The two passwords differ.',
  taken: 'There is a user with this name already.',
  badLink: 'This link is no longer good',
  badLinkWhy:
    'It was used, it is older than a day, or a newer one was made. Start the service again to see a new one, or log in if there is an administrator already.',
}

const zh: typeof en = {
  login: '登录',
  name: '用户名',
  password: '密码',
  passwordAgain: '再次输入密码',
  refused: '用户名或密码不正确。',
  tooMany: seconds => `尝试次数过多，请在 ${seconds} 秒后重试。`,
  forgotten: '忘记密码？在服务所在的机器上运行 `plimsoll user password 用户名` 即可重设。',
  nobodyYet: '尚无任何用户。创建管理员的链接已在服务启动时打印；重新启动会打印新的链接。',
  welcome: '欢迎登船',
  welcomeWhy: '此链接用于创建本 Plimsoll 的首位管理员，仅可使用一次。',
  passwordHint: `至少 ${passwordMin} 个字符。一句话比一串符号更好记。`,
  create: '创建管理员',
  badName: '用户名须为 1 到 64 个可见字符。',
  badPassword: `密码至少 ${passwordMin} 个字符，最多 256 个。`,
  notTheSame: '两次输入的密码不一致。',
  taken: '该用户名已存在。',
  badLink: '此链接已失效',
  badLinkWhy:
    '它已被使用、已超过一天，或已有更新的链接。请重新启动服务以获取新链接；若已有管理员，请直接登录。',
}

export const texts: Readonly<Record<Language, typeof en>> = { en, zh }
