"""An aiosmtpd server for tests: prints its port, then a line of JSON for each letter that it takes.

Recipients are answered by their name: refused@ for good, later@ for now, hang@ never, wait@ when a line comes in,
and once@ for good the first time.
A command that is named second, EHLO, MAIL or TEXT, is answered with what comes third.
The text for slow@ is answered after a second, and whoever wrote to mute@ gets no farewell.
"""

import asyncio
import json
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, command="", reply=""):
        self.refused = set()
        self.command = command
        self.reply = reply

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [self.reply] if self.command == "EHLO" else responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.command == "MAIL":
            return self.reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "refused":
            return "550 5.1.1 no such mailbox"
        if name == "later":
            return "451 4.2.0 try again"
        if name == "once" and "once" not in self.refused:
            self.refused.add("once")
            return "552 5.2.2 mailbox full"
        if name == "hang":
            await asyncio.sleep(3600)
        if name == "wait":
            print(json.dumps({"waits": address}), flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.command == "TEXT":
            return self.reply
        message = message_from_bytes(envelope.content, policy=policy.default)
        letter = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "type": message.get_content_type(),
            "subject": message["subject"],
            "text": message.get_content(),
            "id": message["message-id"],
        }
        names = [address.split("@")[0] for address in envelope.rcpt_tos]
        if "slow" in names:
            await asyncio.sleep(1)
        session.is_mute = "mute" in names
        print(json.dumps(letter), flush=True)
        return "250 OK"


class Server(SMTP):
    async def smtp_QUIT(self, arg):
        if getattr(self.session, "is_mute", False):
            await asyncio.sleep(3600)
        await super().smtp_QUIT(arg)


async def main(port, *refusal):
    loop = asyncio.get_running_loop()
    handler = Handler(*refusal)
    server = await loop.create_server(lambda: Server(handler, hostname="mail.test"), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
