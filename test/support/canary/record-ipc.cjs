// Preloaded into Electron by tests: notes what main and window tell each other, one JSON line for each message, in the file
// that MCP_ROUTER_TEST_IPC names. What a person enters goes the other way once, in the calls that are for it: those are noted
// without their input.
const { appendFileSync } = require('node:fs');
const { app, ipcMain } = require('electron');

const entering = new Set([
  'connection.save',
  'credentials.rotate',
  'credentials.store',
  'credentials.openCertificate',
]);
const file = process.env['MCP_ROUTER_TEST_IPC'];
delete process.env['MCP_ROUTER_TEST_IPC'];

/** @param {unknown} message */
const note = (message) => {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(message)}\n`);
};

const handle = ipcMain.handle.bind(ipcMain);
ipcMain.handle = (channel, listener) => {
  handle(channel, async (event, ...input) => {
    note({ call: channel, ...(entering.has(channel) ? {} : { input }) });
    const reply = await listener(event, ...input);
    note({ reply: channel, value: reply });
    return reply;
  });
};

app.on('web-contents-created', (_event, contents) => {
  const send = contents.send.bind(contents);
  contents.send = (channel, ...values) => {
    note({ event: channel, values });
    send(channel, ...values);
  };
});
