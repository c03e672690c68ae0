// Is a webhook of Flowella's genuine? Copy the method; the rest reads vectors.tsv, to show that it works.

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
    // body is what came, before anybody parses it (in Spring: @RequestBody byte[] body); the other two are the headers
    // X-Flowella-Signature and X-Flowella-Timestamp. now is Instant.now().getEpochSecond().
    static boolean genuine(String secret, byte[] body, String signature, String timestamp, long now)
            throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        String expected = HexFormat.of().formatHex(mac.doFinal(body));
        if (!MessageDigest.isEqual(expected.getBytes(UTF_8), signature.getBytes(UTF_8))) return false;
        return timestamp.matches("[0-9]{1,18}") && Math.abs(now - Long.parseLong(timestamp)) <= 300;
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] part = line.split("\t", -1);
            byte[] body = Base64.getDecoder().decode(part[4]);
            boolean right = genuine(part[0], body, part[3], part[2], Long.parseLong(part[1]));
            System.out.println(right ? "genuine" : "refused");
        }
    }
}
