# Evaluates ../../flake.nix without nixpkgs, which Debian has not: with functions of the same names
# that return what they are given.
#
#     nix-instantiate --eval --strict --json deploy/packages/evaluate.nix
#
# Prints what the package of each system is made from.
let
  nixpkgs = {
    lib = {
      importTOML = path: builtins.fromTOML (builtins.readFile path);
      genAttrs =
        names: make:
        builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
      optionalString = condition: text: if condition then text else "";
      cleanSource = toString;
      licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
    };
    legacyPackages = nixpkgs.lib.genAttrs systems (system: {
      rustPlatform.buildRustPackage = package: package // { inherit system; };
      installShellFiles = "installShellFiles";
      nixfmt-rfc-style = "nixfmt";
      stdenv = {
        hostPlatform = system;
        buildPlatform.canExecute = host: host == system;
      };
    });
  };
  systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
in
builtins.mapAttrs (_: packages: packages.default // { src = "."; cargoLock = "."; })
  ((import ../../flake.nix).outputs { self = { }; inherit nixpkgs; }).packages
