//! How far something is, as people see it at a glance.

/// How many signs the bar has.
const SIGNS: u64 = 10;

/// `▰▰▰▱▱▱▱▱▱▱ 34%`; full only when all is done.
pub fn bar(done: u64, total: u64) -> String {
    let total = total.max(1);
    let done = done.min(total);
    let signs = usize::try_from(done.saturating_mul(SIGNS) / total).unwrap_or_default();
    let rest = usize::try_from(SIGNS).unwrap_or_default().saturating_sub(signs);
    format!("{}{} {}%", "▰".repeat(signs), "▱".repeat(rest), done.saturating_mul(100) / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_when_all_is_done() {
        assert_eq!(bar(0, 0), "▱▱▱▱▱▱▱▱▱▱ 0%");
        assert_eq!(bar(999, 1000), "▰▰▰▰▰▰▰▰▰▱ 99%");
        assert_eq!(bar(7, 7), "▰▰▰▰▰▰▰▰▰▰ 100%");
        assert_eq!(bar(9, 7), "▰▰▰▰▰▰▰▰▰▰ 100%");
    }
}
