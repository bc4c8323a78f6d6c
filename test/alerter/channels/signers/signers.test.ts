import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { signAcs3 } from '../../../../alerter/channels/signers/acs3.ts'
import { signAws } from '../../../../alerter/channels/signers/aws.ts'
import { encoded } from '../../../../alerter/channels/signers/digest.ts'
import { signTc3 } from '../../../../alerter/channels/signers/tc3.ts'

const secretKey = (text: string): Secret => new Secret(text)

// "Create a signed AWS API request" in the IAM User Guide: ListUsers of 2015-08-30.
test('signs the example of the AWS documents as they do', () => {
  const headers = signAws(
    {
      method: 'GET',
      host: 'iam.amazonaws.com',
      path: '/',
      query: { Version: '2010-05-08', Action: 'ListUsers' },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: '',
    },
    {
      keyId: 'AKIDEXAMPLE',
      secretKey: secretKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
      region: 'us-east-1',
      service: 'iam',
    },
    Date.parse('2015-08-30T12:36:00Z'),
  )

  expect(headers['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

test('a key that ends is signed with its token', () => {
  const headers = signAws(
    { method: 'POST', host: 'h', path: '/', query: {}, headers: {}, body: 'a' },
    { keyId: 'k', secretKey: secretKey('s'), token: secretKey('t0ken'), region: 'r', service: 's' },
    0,
  )

  expect(headers['x-amz-security-token']).toBe('t0ken')
  expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
})

// Tencent's "Signature v3" documents: DescribeInstances of 2019-02-25, as printed until 2022 with a key of its own and
// since then with one of 32 asterisks and the action signed as well.
test("signs the examples of Tencent's documents as they do", () => {
  const body = String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
  const request = { host: 'cvm.tencentcloudapi.com', service: 'cvm', body }

  const older = signTc3(
    request,
    {
      keyId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
      secretKey: secretKey('Gu5t9xGARNpq86cd98joQYCN3EXAMPLE'),
    },
    1_551_113_065_000,
  )
  expect(older['authorization']).toBe(
    'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, ' +
      'SignedHeaders=content-type;host, ' +
      'Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
  )

  const newer = signTc3(
    { ...request, signed: { 'X-TC-Action': 'DescribeInstances' } },
    { keyId: `AKID${'*'.repeat(32)}`, secretKey: secretKey('*'.repeat(32)) },
    1_551_113_065_999,
  )
  expect(newer['authorization']).toBe(
    `TC3-HMAC-SHA256 Credential=AKID${'*'.repeat(32)}/2019-02-25/cvm/tc3_request, ` +
      'SignedHeaders=content-type;host;x-tc-action, ' +
      'Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
  )
  expect(newer['x-tc-timestamp']).toBe('1551113065')
})

// "V3 request structure and signature" of Alibaba Cloud: RunInstances of 2023-10-26.
test("signs the example of Alibaba Cloud's documents as they do", () => {
  const headers = signAcs3(
    {
      host: 'ecs.cn-shanghai.aliyuncs.com',
      action: 'RunInstances',
      version: '2014-05-26',
      query: {
        RegionId: 'cn-shanghai',
        ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
      },
      nonce: '3156853299f313e23d1673dc12e1703d',
    },
    { keyId: 'YourAccessKeyId', secretKey: secretKey('YourAccessKeySecret') },
    Date.parse('2023-10-26T10:22:32Z'),
  )

  expect(headers['authorization']).toBe(
    'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,' +
      'SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,' +
      'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  )
})

test('encodes as RFC 3986 says', () => {
  const t = (text: string, wanted: string) => expect(encoded(text), text).toBe(wanted)

  t('a b', 'a%20b')
  t("!'()*", '%21%27%28%29%2A')
  t('~-_.', '~-_.')
  t('磁盘', '%E7%A3%81%E7%9B%98')
})
