//! Configuration profile that installs the CA on iPhones, iPads and Macs.

use chapbook_format::digest;

use super::{authority::Authority, pem::base64_lines};

/// Characters of a line with data.
const LINE: usize = 64;
const DOCTYPE: &str = concat!(
    r#"<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN""#,
    r#" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">"#
);

/// The profile of a CA. The same CA has the same identifiers, so that installing its profile again
/// replaces the former one.
pub(super) fn profile(authority: &Authority) -> String {
    let fingerprint = authority.fingerprint();
    let uuid = |of: &str| uuid(format!("{fingerprint} {of}").as_bytes());
    let (profile, certificate) = (uuid("profile"), uuid("certificate"));
    let name = escaped(authority.name());
    let identifier = format!("chapbook.ca.{}", fingerprint.prefix());
    let data = base64_lines(authority.certificate(), LINE);
    let data: String = data.map(|line| line + "\n").collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
{DOCTYPE}
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key>
      <string>ca.cer</string>
      <key>PayloadContent</key>
      <data>
{data}      </data>
      <key>PayloadDisplayName</key>
      <string>{name}</string>
      <key>PayloadIdentifier</key>
      <string>{identifier}.certificate</string>
      <key>PayloadType</key>
      <string>com.apple.security.root</string>
      <key>PayloadUUID</key>
      <string>{certificate}</string>
      <key>PayloadVersion</key>
      <integer>1</integer>
    </dict>
  </array>
  <key>PayloadDescription</key>
  <string>Trust sites that this machine serves with Chapbook on the local network.</string>
  <key>PayloadDisplayName</key>
  <string>{name}</string>
  <key>PayloadIdentifier</key>
  <string>{identifier}</string>
  <key>PayloadType</key>
  <string>Configuration</string>
  <key>PayloadUUID</key>
  <string>{profile}</string>
  <key>PayloadVersion</key>
  <integer>1</integer>
</dict>
</plist>
"#
    )
}

/// Text for XML and HTML, in elements and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// A UUID that depends on this text only: version 8, variant 1 (RFC 9562).
fn uuid(text: &[u8]) -> String {
    let mut bytes = digest::of(text);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let digits = digest::hexadecimal(&bytes).to_uppercase();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|it| &digits[it]);
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_profile_has_the_certificate_and_identifiers_that_stay() {
        let authority = |name| Authority::generate(Some(name), SystemTime::now()).unwrap();
        let (first, second) = (authority("a-1"), authority("a-1"));
        let text = profile(&first);
        assert_eq!(text, profile(&first));
        let uuids = |text: &str| -> Vec<String> {
            let uuids = text.split("UUID</key>\n").skip(1);
            uuids.map(|it| it.trim().split(['<', '>']).nth(2).unwrap().to_owned()).collect()
        };
        let (of_first, of_second) = (uuids(&text), uuids(&profile(&second)));
        assert!(of_first.len() == 2 && of_first[0] != of_first[1], "{of_first:?}");
        assert!(of_second.iter().all(|it| !of_first.contains(it)));
        assert!(text.contains(&format!("<string>{}</string>", first.name())), "{text}");
        assert_eq!(of_first[0].split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }

    #[test]
    fn text_cannot_end_its_element() {
        assert_eq!(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
    }
}
