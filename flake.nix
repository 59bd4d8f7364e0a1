# Chapbook for the package manager Nix: `nix run github:OWNER/NAME -- --help`.
{
  description = "A website in one executable";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      manifest = (lib.importTOML ./Cargo.toml).package;
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      forEachSystem = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      runsHere = { buildPlatform, hostPlatform, ... }: buildPlatform.canExecute hostPlatform;
      package =
        pkgs:
        pkgs.rustPlatform.buildRustPackage {
          pname = manifest.name;
          inherit (manifest) version;
          src = lib.cleanSource ./.;
          cargoLock.lockFile = ./Cargo.lock;
          nativeBuildInputs = [ pkgs.installShellFiles ];

          # The tests need a terminal, strace and the network of a desktop; `.ci/run` runs them.
          doCheck = false;

          # A build for another system cannot be run here to write these files.
          postInstall = lib.optionalString (runsHere pkgs.stdenv) ''
            HOME=$TMPDIR XDG_DATA_HOME=$out/share $out/bin/chapbook man --install
            installShellCompletion --cmd chapbook \
              --bash <($out/bin/chapbook completions bash) \
              --fish <($out/bin/chapbook completions fish) \
              --zsh <($out/bin/chapbook completions zsh)
          '';

          meta = {
            inherit (manifest) description;
            license = with lib.licenses; [ mit asl20 ];
            mainProgram = "chapbook";
          };
        };
    in
    {
      packages = forEachSystem (pkgs: {
        default = package pkgs;
      });
      formatter = forEachSystem (pkgs: pkgs.nixfmt-rfc-style);
    };
}
