class Chapbook < Formula
  desc "@summary@"
  homepage "@repository@"
  version "@version@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@url:aarch64-apple-darwin@"
      sha256 "@sha256:aarch64-apple-darwin@"
    end
    on_intel do
      url "@url:x86_64-apple-darwin@"
      sha256 "@sha256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@url:aarch64-unknown-linux-musl@"
      sha256 "@sha256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@url:x86_64-unknown-linux-musl@"
      sha256 "@sha256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "chapbook"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/chapbook.bash" => "chapbook"
    fish_completion.install "completions/chapbook.fish"
    zsh_completion.install "completions/_chapbook"
    doc.install "THIRD-PARTY.md"
  end

  test do
    (testpath/"site/index.html").write <<~HTML
      <!doctype html>
      <html lang="en"><meta charset="utf-8"><title>Test</title><h1>Test</h1></html>
    HTML
    system bin/"chapbook", "pack", "site", "-o", "demo"
    system "./demo", "verify"
    assert_match version.to_s, shell_output("#{bin}/chapbook --version")
  end
end
