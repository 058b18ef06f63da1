"""Raw JSON-RPC over HTTP: one request, or many in one body, read and written by orjson.

A read may be asked again when the connection fails, a transaction never: it may have arrived. So failures
before anything was sent (:class:`NodeUnreachable`) and answers lost after sending (:class:`AnswerLost`)
are told apart, and only reads are retried.
"""

from collections.abc import Sequence
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
)

from coopledger.errors import Unavailable

Request = tuple[str, Sequence[Any]]

_RETRIES = urllib3.Retry(
    total=4,
    connect=2,  # a node that does not listen will hardly begin to within seconds
    backoff_factor=0.2,
    allowed_methods={"POST"},
    status_forcelist=(429, 502, 503, 504),
    raise_on_status=False,
)


class NodeUnreachable(Unavailable):
    """The chain's node cannot be reached; nothing was sent."""

    node: str
    reason: str

    says = "the chain's node at {node} cannot be reached: {reason}"
    advice = "Start the node (coopledger up), or correct COOPLEDGER_RPC_URL."


class AnswerLost(Unavailable):
    """The node was asked, and the connection ended before its answer came."""

    node: str
    method: str
    reason: str

    says = "the node at {node} did not answer {method}: {reason}"
    advice = "Look up what was done before asking again."


class AnswerUnreadable(Unavailable):
    """What answered does not speak JSON-RPC, or not this method of it."""

    node: str
    method: str
    detail: str

    says = "the node at {node} gave no usable answer to {method}: {detail}"
    advice = "Check that COOPLEDGER_RPC_URL names the JSON-RPC of an Ethereum node."


class NodeRefused(Unavailable):
    """The node answered a request with an error."""

    method: str
    code: int
    message: str
    data: bytes | None = None
    """What a contract reverted with, where the node passes it on."""

    says = "the node refused {method}: {message} (code {code})"
    advice = "Read the node's message; where it says nothing, read the node's log."


class Interrupted(Unavailable):
    """The work that asks was told to stop; the node was not asked."""

    method: str

    says = "the work was stopped before {method}"
    advice = "Start it again; nothing was left half done."


class JsonRpc:
    """A node's JSON-RPC at one URL. Safe to share between threads."""

    def __init__(self, url: str, timeout_s: float = 30.0, stop: Event | None = None) -> None:
        """Make it; nothing is asked yet.

        Args:
            url: where the node answers.
            timeout_s: how long to wait for an answer.
            stop: once it is set, every request fails with :class:`Interrupted`.
        """
        self.url = url
        self._stop = stop
        self.node = _without_secrets(url)
        self._timeout = urllib3.Timeout(connect=min(timeout_s, 5.0), read=timeout_s)
        self._pool = urllib3.PoolManager(
            maxsize=4, headers={"Content-Type": "application/json"}, timeout=self._timeout
        )

    def __repr__(self) -> str:
        return f"JsonRpc({self.node})"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.clear()

    def request(self, method: str, *params: Any, repeat: bool = True) -> Any:
        """Ask once and return the result.

        Args:
            method: the JSON-RPC method.
            params: its parameters, as JSON values.
            repeat: whether the node may be asked again after a lost connection; False for
                whatever must not be done twice.

        Raises:
            NodeUnreachable: no connection; nothing was sent.
            AnswerLost: sent, but no answer came (with ``repeat``: not after several times).
            AnswerUnreadable: not JSON-RPC.
            NodeRefused: the node answered with an error.
        """
        answer = self._post(method, _message(1, method, params), repeat=repeat)
        if not isinstance(answer, dict):
            raise AnswerUnreadable(self.node, method, "not one answer")
        result = self._result_of(answer, method)
        if isinstance(result, NodeRefused):
            raise result
        return result

    def batch(self, requests: Sequence[Request], *, repeat: bool = True) -> list[Any]:
        """Ask many questions in one body and return their results in order.

        A refused question has its :class:`NodeRefused` in the place of a result.

        Raises:
            NodeUnreachable, AnswerLost, AnswerUnreadable: see :meth:`request`.
            NodeRefused: the node refused the whole batch.
        """
        if not requests:
            return []
        method = f"a batch of {len(requests)} {requests[0][0]}"
        body = [_message(i, name, params) for i, (name, params) in enumerate(requests)]
        answers = self._post(method, body, repeat=repeat)
        if isinstance(answers, dict):
            refusal = self._result_of(answers, method)
            if isinstance(refusal, NodeRefused):
                raise refusal
        if not isinstance(answers, list) or len(answers) != len(requests):
            raise AnswerUnreadable(self.node, method, "not as many answers as questions")
        by_id = {answer.get("id"): answer for answer in answers}
        return [self._result_of(by_id.get(i, {}), requests[i][0]) for i in range(len(requests))]

    def _post(self, method: str, body: Any, *, repeat: bool) -> Any:
        if self._stop is not None and self._stop.is_set():
            raise Interrupted(method)
        try:
            response = self._pool.request(
                "POST",
                self.url,
                body=orjson.dumps(body),
                retries=_RETRIES if repeat else False,
            )
        except (HTTPError, LocationValueError) as error:
            cause = error.reason if isinstance(error, MaxRetryError) else error
            # Only the kind of failure: the text of some holds the whole URL.
            reason = type(cause or error).__name__
            if isinstance(cause, NewConnectionError | ConnectTimeoutError | LocationValueError):
                raise NodeUnreachable(self.node, reason) from None
            raise AnswerLost(self.node, method, reason) from None
        try:
            return orjson.loads(response.data)
        except orjson.JSONDecodeError:
            detail = f"HTTP status {response.status}, not JSON"
            raise AnswerUnreadable(self.node, method, detail) from None

    def _result_of(self, answer: dict[str, Any], method: str) -> Any:
        if "error" in answer:
            error = answer["error"]
            return NodeRefused(
                method,
                error.get("code", 0),
                str(error.get("message", "")),
                _revert_data(error.get("data")),
            )
        if "result" not in answer:
            raise AnswerUnreadable(self.node, method, "neither a result nor an error")
        return answer["result"]


def _message(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _revert_data(data: Any) -> bytes | None:
    """Return the bytes a call reverted with: nodes put them in ``data``, or one level below."""
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(data, str) and data.startswith("0x"):
        return bytes.fromhex(data[2:])
    return None


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"
