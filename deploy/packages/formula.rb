# Reads a Homebrew formula without Homebrew, which has no package for Debian.
#
#     ruby deploy/packages/formula.rb FORMULA FOLDER PREFIX
#
# Prints what the formula says on each system, as JSON, and installs FOLDER, an unpacked archive, to
# PREFIX; then it runs the test of the formula.
require "fileutils"
require "json"
require "pathname"
require "tmpdir"

# A folder with the method of Homebrew that installs files to it.
class InstallFolder < Pathname
  def install(*files)
    mkpath
    files.flatten.each do |file|
      from, name = file.is_a?(Hash) ? file.first : [file, File.basename(file)]
      FileUtils.cp(from, self/name)
    end
  end
end

class Pathname
  alias write_below write

  def write(text)
    dirname.mkpath
    write_below(text)
  end
end

# The part of Homebrew's language that the formula uses.
class Formula
  class << self
    attr_accessor :current, :facts, :test_block

    def inherited(child)
      super
      child.current = current
      child.facts = {}
    end

    %w[desc homepage version url sha256].each do |name|
      define_method(name) { |value| facts[name] = value }
    end

    def license(value) = facts["license"] = value.is_a?(Hash) ? value : { only: value }

    { on_macos: 0, on_linux: 0, on_arm: 1, on_intel: 1 }.each do |name, part|
      define_method(name) { |&block| block.call if current[part] == name }
    end

    def test(&block) = self.test_block = block
  end

  attr_reader :testpath

  def initialize(prefix, testpath)
    @prefix = prefix
    @testpath = Pathname.new(testpath)
  end

  FOLDERS = {
    bin: "bin", man1: "share/man/man1", doc: "share/doc/chapbook",
    bash_completion: "etc/bash_completion.d", zsh_completion: "share/zsh/site-functions",
    fish_completion: "share/fish/vendor_completions.d"
  }.freeze
  FOLDERS.each { |name, path| define_method(name) { InstallFolder.new(@prefix)/path } }

  def version = self.class.facts["version"]

  def system(*words)
    Kernel.system(*words.map(&:to_s), out: File::NULL) || abort("#{words.join(" ")} failed")
  end

  def shell_output(command) = `#{command}`

  def assert_match(expected, actual)
    actual.match?(expected) || abort("#{actual.inspect} does not match #{expected.inspect}")
  end
end

class InstallFolder
  def /(other) = InstallFolder.new(super)
end

formula, folder, prefix = ARGV.map { |it| File.expand_path(it) }
systems = %i[on_macos on_linux].product(%i[on_arm on_intel])
# The system of the archive is the last one, so its facts stay.
facts = systems.to_h do |system|
  Formula.current = system
  Object.send(:remove_const, :Chapbook) if Object.const_defined?(:Chapbook)
  load formula
  [system.join(" "), Chapbook.facts]
end
Dir.mktmpdir do |test|
  installed = Chapbook.new(prefix, test)
  Dir.chdir(folder) { installed.install }
  Dir.chdir(test) { installed.instance_eval(&Chapbook.test_block) }
end
puts JSON.generate(facts)
