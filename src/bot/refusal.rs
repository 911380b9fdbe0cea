//! What Telegram means when it says no.

use teloxide::ApiError;

/// Blocked, deleted, or never started the bot.
pub fn unreachable_person(error: &ApiError) -> bool {
    match error {
        ApiError::BotBlocked | ApiError::UserDeactivated | ApiError::ChatNotFound => true,
        // In a private chat every 403 means that. teloxide knows some by sentences that Telegram says no more.
        ApiError::Unknown(text) => text.starts_with("Forbidden: "),
        _ => false,
    }
}

/// The message shows this very screen: a second tap on the same button.
pub fn is_so_already(error: &ApiError) -> bool {
    match error {
        ApiError::MessageNotModified => true,
        // teloxide knows the sentence as a whole, and Telegram has changed its end before.
        ApiError::Unknown(text) => text.contains("message is not modified"),
        _ => false,
    }
}

/// Too old, deleted, or not a text any more: the screen goes out as a new message.
pub fn cannot_be_edited(error: &ApiError) -> bool {
    match error {
        ApiError::MessageCantBeEdited | ApiError::MessageToEditNotFound | ApiError::MessageIdInvalid => true,
        ApiError::Unknown(text) => {
            text.contains("message to edit") || text.contains("message can't be edited")
        }
        _ => false,
    }
}
