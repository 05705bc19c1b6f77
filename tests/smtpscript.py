"""A mail server that plays a script, for what a well-behaved one never does."""

import socket
import threading

CLOSE = object()


class Script:
    """A server on loopback. `say` maps what a line begins with, or "." for a message, to one reply after another."""

    def __init__(self, say=(), extensions=(), tls=None):
        self.say = {key: list(value) for key, value in dict(say).items()}
        self.extensions = extensions
        self.tls = tls
        self.heard = []  # lines of commands, and the messages as they came
        self.writes = []  # how the bytes came
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as session:
                    self.talk(session)
            except OSError:  # the client left, or did not believe the certificate
                connection.close()

    def talk(self, connection):
        self.reply(connection, "hello", b"220 here\r\n")
        pending, in_data = b"", False
        while True:
            end = b"\r\n.\r\n" if in_data else b"\r\n"
            while end not in pending:
                try:
                    chunk = connection.recv(65536)
                except OSError:
                    return
                if not chunk:
                    return
                self.writes.append(chunk)
                pending += chunk
            line, pending = pending.split(end, 1)
            self.heard.append(line)
            word = "." if in_data else line.split(b" ")[0].split(b":")[0].decode().upper()
            in_data = False
            default = {"EHLO": self.greeting(), "DATA": b"354 go\r\n"}.get(word, b"250 2.0.0 fine\r\n")
            said = self.reply(connection, word, default)
            if said is CLOSE:
                return
            in_data = word == "DATA" and said.startswith(b"354")

    def greeting(self):
        names = ["here", *self.extensions]
        return "".join(f"250{'-' if n < len(names) - 1 else ' '}{one}\r\n" for n, one in enumerate(names)).encode()

    def reply(self, connection, word, default):
        said = self.say[word].pop(0) if self.say.get(word) else default
        if said is not CLOSE:
            connection.sendall(said)
        return said

    @property
    def commands(self):
        return [line.split(b" ")[0].split(b":")[0].decode() for line in self.heard if not line.startswith(b"Subject")]
