// Reads an ESC/POS byte stream from standard input with npos and prints what it found there as JSON.
'use strict';

const npos = require('npos');

npos.rules[0x1d]['(k'] = [0, 'd16']; // two-dimensional codes, which npos has not heard of: skipped by its own length rule
console.log = () => {}; // npos tells what it does on standard output

const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', async () => {
  const parsed = await npos.parser(npos.rules).parse(Buffer.concat(chunks));
  const texts = await npos.textualize(parsed, { text: { encoding: 'gbk' }, ocr: false });
  const commands = parsed.tree.filter((node) => node.ascii !== 'STX').map((node) => node.ascii + ' ' + node.fn);
  process.stdout.write(JSON.stringify({ commands, text: texts.join('') }));
});
