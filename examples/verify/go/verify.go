// Is a webhook of Flowella's genuine? Copy the function; the rest reads vectors.tsv, to show that it works.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// body is what io.ReadAll(r.Body) gives, before anybody parses it; the other two are the headers X-Flowella-Signature
// and X-Flowella-Timestamp. now is time.Now().Unix().
func genuine(secret string, body []byte, signature, timestamp string, now int64) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature)) {
		return false
	}
	sent, err := strconv.ParseUint(timestamp, 10, 62)
	off := now - int64(sent)
	return err == nil && -300 <= off && off <= 300
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.Split(lines.Text(), "\t")
		now, _ := strconv.ParseInt(part[1], 10, 64)
		body, _ := base64.StdEncoding.DecodeString(part[4])
		if genuine(part[0], body, part[3], part[2], now) {
			fmt.Println("genuine")
		} else {
			fmt.Println("refused")
		}
	}
}
