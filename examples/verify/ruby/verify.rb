# Is a webhook of Flowella's genuine? Copy the function; the rest reads vectors.tsv, to show that it works.

require "openssl"

# `body` is request.body.read, before anybody parses it; the other two are the headers X-Flowella-Signature and
# X-Flowella-Timestamp. `now` is Time.now.to_i.
def genuine?(secret, body, signature, timestamp, now)
  expected = OpenSSL::HMAC.hexdigest("SHA256", secret, body)
  return false unless OpenSSL.secure_compare(expected, signature)

  timestamp.match?(/\A\d+\z/) && (now - timestamp.to_i).abs <= 300
end

$stdin.read.force_encoding("UTF-8").each_line(chomp: true) do |line|
  secret, now, timestamp, signature, body = line.split("\t", -1)
  puts genuine?(secret, body.unpack1("m"), signature, timestamp, now.to_i) ? "genuine" : "refused"
end
