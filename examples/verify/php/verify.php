<?php
// Is a webhook of Flowella's genuine? Copy the function; the rest reads vectors.tsv, to show that it works.

declare(strict_types=1);

// $body is file_get_contents('php://input'), before anybody parses it; the other two are
// $_SERVER['HTTP_X_FLOWELLA_SIGNATURE'] and $_SERVER['HTTP_X_FLOWELLA_TIMESTAMP']. $now is time().
function genuine(string $secret, string $body, string $signature, string $timestamp, int $now): bool
{
    $expected = hash_hmac('sha256', $body, $secret);
    if (!hash_equals($expected, $signature)) {
        return false;
    }
    return preg_match('/^\d+$/D', $timestamp) === 1 && abs($now - (float) $timestamp) <= 300;
}

foreach (explode("\n", rtrim(stream_get_contents(STDIN), "\n")) as $line) {
    [$secret, $now, $timestamp, $signature, $body] = explode("\t", $line);
    echo genuine($secret, base64_decode($body), $signature, $timestamp, (int) $now) ? "genuine\n" : "refused\n";
}
